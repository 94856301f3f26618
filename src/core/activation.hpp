// Activations: f and f′, elementwise; f′ from the activation a = f(z) where that is enough.
#pragma once

#include "kinds.hpp"
#include "vector_math.hpp"

namespace deltaprop::DELTAPROP_TARGET {

/// f(z) and df(z, a) of one function; from_a: df depends on a alone.
template <class T>
struct Identity {
  static constexpr bool from_a = true;
  vec<T> f(vec<T> z) const { return z; }
  vec<T> df(vec<T>, vec<T>) const { return fill(T(1)); }
};

template <class T>
struct Step {
  static constexpr bool from_a = true;
  vec<T> f(vec<T> z) const { return z >= T(0) ? fill(T(1)) : fill(T(0)); }
  vec<T> df(vec<T>, vec<T>) const { return fill(T(0)); }
};

template <class T>
struct Sigmoid {
  static constexpr bool from_a = true;
  vec<T> f(vec<T> z) const { return logistic<T>(z); }
  vec<T> df(vec<T>, vec<T> a) const { return a * (T(1) - a); }
};

template <class T>
struct Tanh {
  static constexpr bool from_a = true;
  vec<T> f(vec<T> z) const { return hyperbolic_tangent<T>(z); }
  vec<T> df(vec<T>, vec<T> a) const { return T(1) - a * a; }
};

template <class T>
struct ScaledTanh {
  static constexpr bool from_a = true;
  static constexpr T amplitude = T(1.7159), slope = T(2.0 / 3.0);
  vec<T> f(vec<T> z) const { return amplitude * hyperbolic_tangent<T>(slope * z); }
  vec<T> df(vec<T>, vec<T> a) const {
    vec<T> u = a / amplitude;  // not times 1/A: a unit at the asymptote must have slope 0
    return amplitude * slope * (T(1) - u * u);
  }
};

template <class T>
struct Relu {
  static constexpr bool from_a = true;
  vec<T> f(vec<T> z) const { return z < T(0) ? fill(T(0)) : z; }  // NaN stays
  vec<T> df(vec<T>, vec<T> a) const { return a > T(0) ? fill(T(1)) : fill(T(0)); }
};

template <class T>
struct LeakyRelu {
  static constexpr bool from_a = true;  // a > 0 exactly where z > 0, since alpha ≥ 0
  T alpha;
  vec<T> f(vec<T> z) const { return z > T(0) ? z : alpha * z; }
  vec<T> df(vec<T>, vec<T> a) const { return a > T(0) ? fill(T(1)) : fill(alpha); }
};

template <class T>
struct Gelu {
  static constexpr bool from_a = false;
  vec<T> f(vec<T> z) const { return z * normal_distribution<T>(z); }
  vec<T> df(vec<T> z, vec<T>) const {
    vec<T> within = z > T(100) ? fill(T(100)) : z;
    within = within < T(-100) ? fill(T(-100)) : within;
    return normal_distribution<T>(z) + z * normal_density<T>(within);
  }
};

/// Calls body with the function itself, so that loops are compiled for each.
template <class T, class Body>
inline void with_function(Function function, T alpha, Body body) {
  switch (function) {
    case Function::identity:
      return body(Identity<T>{});
    case Function::step:
      return body(Step<T>{});
    case Function::sigmoid:
      return body(Sigmoid<T>{});
    case Function::tanh:
      return body(Tanh<T>{});
    case Function::scaled_tanh:
      return body(ScaledTanh<T>{});
    case Function::relu:
      return body(Relu<T>{});
    case Function::leaky_relu:
      return body(LeakyRelu<T>{alpha});
    case Function::gelu:
      return body(Gelu<T>{});
  }
}

}  // namespace deltaprop::DELTAPROP_TARGET
