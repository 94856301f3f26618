// Activations: f, f′ and f″, elementwise; f′ and f″ from the activation a = f(z) where that is enough.
#pragma once

#include "kinds.hpp"
#include "vector_math.hpp"

namespace deltaprop::DELTAPROP_TARGET {

/// f(z), f′ = df(z, a) and f″ = d2f(z, a) of one function.
template <class T, Function kind>
struct ActivationFunction {
  static constexpr bool of_z = kind == Function::gelu || kind == Function::silu || kind == Function::mish;
  static constexpr bool from_a = !of_z;  // df and d2f depend on a alone
  static constexpr bool curved =         // d2f is not 0
      kind != Function::identity && kind != Function::step && kind != Function::relu &&
      kind != Function::leaky_relu;
  static constexpr T amplitude = T(1.7159), slope = T(2.0 / 3.0);
  static constexpr T scale = T(1.0507009873554804934);  // of SELU
  static constexpr T depth = T(1.0507009873554804934 * 1.6732632423543772848);
  T alpha;

  vec<T> f(vec<T> z) const {
    if constexpr (kind == Function::identity) {
      return z;
    } else if constexpr (kind == Function::step) {
      return z >= T(0) ? fill(T(1)) : fill(T(0));
    } else if constexpr (kind == Function::sigmoid) {
      return logistic<T>(z);
    } else if constexpr (kind == Function::tanh) {
      return hyperbolic_tangent<T>(z);
    } else if constexpr (kind == Function::scaled_tanh) {
      return amplitude * hyperbolic_tangent<T>(slope * z);
    } else if constexpr (kind == Function::relu) {
      return z < T(0) ? fill(T(0)) : z;  // NaN stays
    } else if constexpr (kind == Function::leaky_relu) {
      return z > T(0) ? z : alpha * z;
    } else if constexpr (kind == Function::elu) {
      return z > T(0) ? z : alpha * exponential_minus_one<T>(z > T(0) ? fill(T(0)) : z);
    } else if constexpr (kind == Function::selu) {
      return z > T(0) ? scale * z : depth * exponential_minus_one<T>(z > T(0) ? fill(T(0)) : z);
    } else if constexpr (kind == Function::softplus) {
      return (z > T(0) ? z : fill(T(0))) + log_one_plus<T>(exponential<T>(-absolute<T>(z)));
    } else if constexpr (kind == Function::silu) {
      return z * logistic<T>(z);
    } else if constexpr (kind == Function::mish) {
      return z * TanhOfSoftplus<T>(z).value;
    } else {
      static_assert(kind == Function::gelu);
      return z * normal_distribution<T>(z);
    }
  }

  vec<T> df(vec<T> z, vec<T> a) const {
    if constexpr (kind == Function::identity) {
      return fill(T(1));
    } else if constexpr (kind == Function::step) {
      return fill(T(0));
    } else if constexpr (kind == Function::sigmoid) {
      return a * (T(1) - a);
    } else if constexpr (kind == Function::tanh) {
      return T(1) - a * a;
    } else if constexpr (kind == Function::scaled_tanh) {
      vec<T> u = a / amplitude;  // not times 1/A: a unit at the asymptote must have slope 0
      return amplitude * slope * (T(1) - u * u);
    } else if constexpr (kind == Function::relu) {
      return a > T(0) ? fill(T(1)) : fill(T(0));
    } else if constexpr (kind == Function::leaky_relu) {
      return a > T(0) ? fill(T(1)) : fill(alpha);  // a > 0 exactly where z > 0, since alpha ≥ 0
    } else if constexpr (kind == Function::elu) {
      return a > T(0) ? fill(T(1)) : a + alpha;
    } else if constexpr (kind == Function::selu) {
      return a > T(0) ? fill(scale) : a + depth;
    } else if constexpr (kind == Function::softplus) {
      return -exponential_minus_one<T>(-a);
    } else if constexpr (kind == Function::silu) {
      return logistic<T>(z) + a * logistic<T>(-z);
    } else if constexpr (kind == Function::mish) {
      TanhOfSoftplus<T> t(z);
      return t.value + z * t.slope;
    } else {
      vec<T> within = z > T(100) ? fill(T(100)) : z;
      within = within < T(-100) ? fill(T(-100)) : within;
      return normal_distribution<T>(z) + z * normal_density<T>(within);
    }
  }

  vec<T> d2f(vec<T> z, vec<T> a) const {
    if constexpr (kind == Function::sigmoid) {
      return a * (T(1) - a) * (T(1) - T(2) * a);
    } else if constexpr (kind == Function::tanh) {
      return T(-2) * a * (T(1) - a * a);
    } else if constexpr (kind == Function::scaled_tanh) {
      vec<T> u = a / amplitude;
      return T(-2) * amplitude * slope * slope * u * (T(1) - u * u);
    } else if constexpr (kind == Function::elu) {
      return a > T(0) ? fill(T(0)) : a + alpha;
    } else if constexpr (kind == Function::selu) {
      return a > T(0) ? fill(T(0)) : a + depth;
    } else if constexpr (kind == Function::softplus) {
      return -exponential_minus_one<T>(-a) * exponential<T>(-a);
    } else if constexpr (kind == Function::silu) {
      vec<T> s = logistic<T>(z), rest = logistic<T>(-z);
      return s * rest * (T(2) + z * (rest - s));
    } else if constexpr (kind == Function::mish) {
      TanhOfSoftplus<T> t(z);
      return t.slope * (T(2) + z * (logistic<T>(-z) - T(2) * t.value * logistic<T>(z)));
    } else if constexpr (kind == Function::gelu) {
      vec<T> within = z > T(100) ? fill(T(100)) : z;
      within = within < T(-100) ? fill(T(-100)) : within;
      return normal_density<T>(within) * (T(2) - within * within);
    } else {
      return vec<T>{};
    }
  }
};

/// Calls body with the function itself, so that loops are compiled for each.
template <class T, class Body>
inline void with_function(Function function, T alpha, Body body) {
  switch (function) {
#define DELTAPROP_FUNCTION(name) \
  case Function::name:           \
    return body(ActivationFunction<T, Function::name>{alpha});
    DELTAPROP_FUNCTIONS(DELTAPROP_FUNCTION)
#undef DELTAPROP_FUNCTION
  }
}

}  // namespace deltaprop::DELTAPROP_TARGET
