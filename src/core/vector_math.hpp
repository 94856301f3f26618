// exp, exp − 1, log, sin, cos, tanh and the logistic function on vectors, within 3 units in the last place,
// and the normal distribution, within 1e-7 (float) or 2e-16 (double) absolute.
//
// Infinities, NaN, denormal results and signed zeros are those of the C library.
// Sources: Cody and Waite, *Software Manual for the Elementary Functions* (1980), for the reductions;
// Moshier's Cephes for tanh and the float logarithm; FDLIBM for the double logarithm.
#pragma once

#include <cmath>

#include "simd.hpp"

namespace deltaprop::DELTAPROP_TARGET {

template <class T>
inline vec<T> absolute(vec<T> x) {
  constexpr auto bits = sizeof(T) == 4 ? int64_t(0x7fffffff) : int64_t(0x7fffffffffffffff);
  return (vec<T>)((ints<T>)x & (ints<T>{} + decltype(ints<T>{}[0] + 0)(bits)));
}

template <class T>
inline vec<T> with_sign_of(vec<T> size, vec<T> sign) {
  ints<T> mask = (ints<T>)fill<T>(T(-0.0));
  return (vec<T>)(((ints<T>)size & ~mask) | ((ints<T>)sign & mask));
}

/// max(x, y) as NumPy has it: NaN if either is.
template <class T>
inline vec<T> maximum(vec<T> x, vec<T> y) {
  return ((x >= y) | (x != x)) ? x : y;
}

/// c[first] + c[first + 1] x + c[first + 2] x² + … by Horner's rule.
template <class T, int first = 0, int N>
inline vec<T> polynomial(vec<T> x, const T (&c)[N]) {
  vec<T> sum = fill(c[N - 1]);
#pragma GCC unroll 16
  for (int i = N - 2; i >= first; i--) sum = sum * x + c[i];
  return sum;
}

template <class T>
struct ExpConstants;
template <>
struct ExpConstants<float> {
  static constexpr float low = -104.0f, high = 89.0f, ln2_high = 0.693359375f, ln2_low = -2.12194440e-4f;
  static constexpr float round = 12582912.0f;  // 1.5·2²³: adding it rounds to an integer
  static constexpr int bias = 127, mantissa = 23;
  static constexpr float c[] = {1.0f,
                                1.0f,
                                5.0000001201e-1f,
                                1.6666665459e-1f,
                                4.1665795894e-2f,
                                8.3334519073e-3f,
                                1.3981999507e-3f,
                                1.9875691500e-4f};
};
template <>
struct ExpConstants<double> {
  static constexpr double low = -746.0, high = 710.0;
  static constexpr double ln2_high = 6.93147180369123816490e-01, ln2_low = 1.90821492927058770002e-10;
  static constexpr double round = 6755399441055744.0;  // 1.5·2⁵²
  static constexpr int bias = 1023, mantissa = 52;
  static constexpr double c[] = {1.0,
                                 1.0,
                                 1.0 / 2,
                                 1.0 / 6,
                                 1.0 / 24,
                                 1.0 / 120,
                                 1.0 / 720,
                                 1.0 / 5040,
                                 1.0 / 40320,
                                 1.0 / 362880,
                                 1.0 / 3628800,
                                 1.0 / 39916800,
                                 1.0 / 479001600,
                                 1.0 / 6227020800};
};

/// x = n ln 2 + r with |r| ≤ ½ ln 2, so that eˣ = 2ⁿ e^r.
template <class T>
struct Reduced {
  ints<T> n;
  vec<T> r;

  explicit Reduced(vec<T> x) {
    using C = ExpConstants<T>;
    vec<T> shifted = x * T(1.44269504088896340736) + C::round, whole = shifted - C::round;
    n = (ints<T>)shifted - (ints<T>)fill(C::round);
    r = (x - whole * C::ln2_high) - whole * C::ln2_low;
  }
};

/// eˣ. The power of two is multiplied in twice, so that denormals round once.
template <class T>
inline vec<T> exponential(vec<T> x) {
  using C = ExpConstants<T>;
  x = x < C::low ? fill(C::low) : x;
  x = x > C::high ? fill(C::high) : x;
  auto [n, r] = Reduced<T>(x);
  vec<T> p = polynomial<T>(r, C::c);
  ints<T> half = n >> 1;
  vec<T> scale1 = (vec<T>)((half + C::bias) << C::mantissa);
  vec<T> scale2 = (vec<T>)((n - half + C::bias) << C::mantissa);
  return p * scale1 * scale2;
}

/// eˣ − 1 for x ≤ 0:  2ⁿ (e^r − 1) + (2ⁿ − 1), which loses no digits near 0.
template <class T>
inline vec<T> exponential_minus_one(vec<T> x) {
  using C = ExpConstants<T>;
  auto [n, r] = Reduced<T>(x < T(-50) ? fill(T(-50)) : x);  // below, 1 is all that is left
  vec<T> scale = (vec<T>)((n + C::bias) << C::mantissa);
  return scale * (r + r * r * polynomial<T, 2>(r, C::c)) + (scale - T(1));
}

/// log x for normal x > 0.
template <class T>
inline vec<T> logarithm(vec<T> x) {
  using C = ExpConstants<T>;
  // x = 2ᵏ m with m in [√½, √2)
  constexpr int64_t root_half = sizeof(T) == 4 ? 0x3f3504f3 : 0x3fe6a09e667f3bcd;
  using int_t = decltype(ints<T>{}[0] + 0);
  ints<T> bits = (ints<T>)x;
  ints<T> k = (bits - int_t(root_half)) >> C::mantissa;
  vec<T> m = (vec<T>)(bits - (k << C::mantissa));
  vec<T> exponent = (vec<T>)((ints<T>)fill(C::round) + k) - C::round;
  vec<T> f = m - T(1), s = f / (T(2) + f), z = s * s, half_square = T(0.5) * f * f;
  static constexpr T c[] = {T(6.666666666666735130e-01), T(3.999999999940941908e-01),
                            T(2.857142874366239149e-01), T(2.222219843214978396e-01),
                            T(1.818357216161805012e-01), T(1.531383769920937332e-01),
                            T(1.479819860511658591e-01)};
  vec<T> tail = z * polynomial<T>(z, c);
  return exponent * C::ln2_high - ((half_square - (s * (half_square + tail) + exponent * C::ln2_low)) - f);
}

/// log(1 + u) for 0 ≤ u ≤ 1.
template <class T>
inline vec<T> log_one_plus(vec<T> u) {
  vec<T> v = u + T(1);
  return logarithm<T>(v) + (u - (v - T(1))) / v;
}

template <class T>
struct WaveConstants;
template <>
struct WaveConstants<float> {
  static constexpr float sine[] = {-1.6666654611e-1f, 8.3321608736e-3f, -1.9515295891e-4f};
  static constexpr float cosine[] = {4.166664568298827e-2f, -1.388731625493765e-3f, 2.443315711809948e-5f};
};
template <>
struct WaveConstants<double> {
  static constexpr double sine[] = {-1.66666666666666307295e-1, 8.33333333332211858878e-3,
                                    -1.98412698295895385996e-4, 2.75573136213857245213e-6,
                                    -2.50507477628578072866e-8, 1.58962301576546568060e-10};
  static constexpr double cosine[] = {4.16666666666665929218e-2, -1.38888888888730564116e-3,
                                      2.48015872888517045348e-5, -2.75573141792967388112e-7,
                                      2.08757008419747316778e-9, -1.13585365213876817300e-11};
};

/// sin(2πt) and cos(2πt), within 2e-7 (float) or 4e-16 (double) absolute; in [−1, 1] for any finite t.
template <class T>
struct SineAndCosine {
  vec<T> sine, cosine;

  explicit SineAndCosine(vec<T> t) {
    using C = ExpConstants<T>;
    using W = WaveConstants<T>;
    constexpr int to_sign = int(sizeof(T)) * 8 - 2;
    vec<T> shifted = t * T(4) + C::round;  // the nearest quarter of a turn
    ints<T> quarter = (ints<T>)shifted - (ints<T>)fill(C::round), sign = (ints<T>)fill(T(-0.0));
    vec<T> x = (t - (shifted - C::round) * T(0.25)) * T(6.28318530717958647693), s = x * x;
    vec<T> sin = x + x * s * polynomial<T>(s, W::sine);
    vec<T> cos = T(1) - T(0.5) * s + s * s * polynomial<T>(s, W::cosine);
    ints<T> odd = (quarter & 1) != 0;
    sine = (vec<T>)((ints<T>)(odd ? cos : sin) ^ ((quarter << to_sign) & sign));
    cosine = (vec<T>)((ints<T>)(odd ? sin : cos) ^ (((quarter + 1) << to_sign) & sign));
  }
};

/// tanh x: odd polynomial near 0, otherwise 1 − 2 / (e^2|x| + 1).
template <class T>
inline vec<T> hyperbolic_tangent(vec<T> x) {
  vec<T> size = absolute<T>(x), z = x * x, near;
  if constexpr (sizeof(T) == 4) {
    static constexpr float c[] = {-3.33332819422e-1f, 1.33314422036e-1f, -5.37397155531e-2f,
                                  2.06390887954e-2f, -5.70498872745e-3f};
    near = x + x * z * polynomial<float>(z, c);
  } else {
    static constexpr double p[] = {-1.61468768441708447952e3, -9.92877231001918586564e1,
                                   -9.64399179425052238628e-1};
    static constexpr double q[] = {4.84406305325125486048e3, 2.23548839060100448583e3,
                                   1.12811678491632931402e2, 1.0};
    near = x + x * z * (polynomial<double>(z, p) / polynomial<double>(z, q));
  }
  vec<T> far = T(1) - T(2) / (exponential<T>(size + size) + T(1));
  return with_sign_of<T>(size < T(0.625) ? near : far, x);  // near loses the sign of −0
}

/// tanh(log(1 + eˣ)) and its derivative. With e = e^−|x|, in which nothing overflows:
///   e (2 + e) / (e (2 + e) + 2) for x ≤ 0,   (1 + 2e) / (1 + 2e + 2e²) for x > 0
template <class T>
struct TanhOfSoftplus {
  vec<T> value, slope;

  explicit TanhOfSoftplus(vec<T> x) {
    vec<T> e = exponential<T>(-absolute<T>(x)), one = fill(T(1));
    vec<T> above = x > T(0) ? one + T(2) * e : e * (T(2) + e);
    vec<T> below = above + (x > T(0) ? T(2) * e * e : fill(T(2)));
    value = above / below;
    slope = T(4) * e * (one + e) * (x > T(0) ? e : one) / (below * below);
  }
};

/// 1 / (1 + e⁻ˣ), which never overflows.
template <class T>
inline vec<T> logistic(vec<T> x) {
  vec<T> e = exponential<T>(-absolute<T>(x));
  return (x >= T(0) ? fill(T(1)) : e) / (e + T(1)) + (x != x ? x : fill(T(0)));
}

/// Φ(x), the standard normal's distribution function. In double, its lower tail has a small relative error
/// too.
template <class T>
inline vec<T> normal_distribution(vec<T> x) {
  if constexpr (sizeof(T) == 8) {
    for (int i = 0; i < lanes<T>; i++) x[i] = 0.5 * std::erfc(-0.70710678118654752440 * x[i]);
    return x;
  } else {
    // erf(u) = u P(u²) near 0; erfc(u) = e^R(u) beyond.
    vec<T> u = x * T(0.70710678118654752440), size = absolute<T>(u), s = size * size;
    static constexpr float p[] = {1.28379166e-1f,  -3.76125336e-1f, 1.12819925e-1f,
                                  -2.67681349e-2f, 4.99119423e-3f,  -5.96761703e-4f};
    vec<T> near = T(0.5) + T(0.5) * (u + u * polynomial<float>(s, p));
    static constexpr float r[] = {-1.0f,          -1.28717512e-1f, -6.34846687e-1f, -1.06777877e-1f,
                                  2.42546219e-2f, -3.88396438e-3f, 3.83197126e-4f,  -1.72853470e-5f};
    vec<T> t = size > T(10.5) ? fill(T(10.5)) : size;
    vec<T> exponent =
        t * r[0] + t * (r[1] + t * (r[2] + t * (r[3] + t * (r[4] + t * (r[5] + t * (r[6] + t * r[7]))))));
    vec<T> tail = T(0.5) * exponential<T>(exponent);
    vec<T> far = x < T(0) ? tail : T(1) - tail;
    return size < T(0.927734375) ? near : (x != x ? x : far);
  }
}

/// φ(x), the standard normal's density.
template <class T>
inline vec<T> normal_density(vec<T> x) {
  return exponential<T>(T(-0.5) * x * x) * T(0.39894228040143267794);
}

}  // namespace deltaprop::DELTAPROP_TARGET
