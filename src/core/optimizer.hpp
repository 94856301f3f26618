// First-order rules, one vector of parameters at a time: θ, its gradient and the moments meet in registers.
#pragma once

#include "matrix.hpp"

namespace deltaprop::DELTAPROP_TARGET {

enum class Rule : int { gradient_descent, momentum, nesterov, adagrad, rmsprop, adam, adamw };

/// What the steps of one thread add up to for one layer.
struct LayerSums {
  double gradient2 = 0, update2 = 0, penalty = 0;
};

/// A rectangle of parameters: row i is theta[offset + i · stride …] of `cols` numbers.
struct Place {
  size_t offset, stride, rows, cols;
  bool decays;  // penalties act on it
};

/// One step of an optimizer: its hyper-parameters at this step, and where parameters and moments lie.
template <class T>
struct Update {
  Rule rule;
  T *theta, *first, *second;  // first: v or m;  second: s
  const T* rates;             // a factor on the rate of each parameter, or nullptr
  T rate, beta1, beta2, rest1, rest2, epsilon;  // rest = 1 − beta
  T root, decay;                                // Adam: rate is α / (1 − p₁), root 1 / √(1 − p₂), decay α λ
  T l1 = 0, l2 = 0, clip_value = 0, clip_factor = 1;

  /// g ← g + ∂penalty/∂θ; adds Σ g² and the penalty's value to the sums.
  void penalize(T* g, size_t ld, const Place& place, LayerSums& sums) const {
    bool active = place.decays && (l1 != 0 || l2 != 0);
    vec<T> squares{};
    for (size_t i = 0; i < place.rows; i++) {
      const T* w = theta + place.offset + i * place.stride;
      vec<T> absolutes{}, w_squares{};
      for (size_t j = 0; j < place.cols; j += lanes<T>) {
        size_t n = place.cols - j;
        vec<T> v = load_first(g + i * ld + j, n);
        if (active) {
          vec<T> weight = load_first(w + j, n), zero{};
          vec<T> sign = weight > zero ? fill(T(1)) : (weight < zero ? fill(T(-1)) : weight);
          v += l1 * sign + l2 * weight;
          store_first(g + i * ld + j, n, v);
          absolutes += weight * sign;
          w_squares += weight * weight;
        }
        squares += v * v;
      }
      if (active) sums.penalty += double(l1) * double(sum<T>(absolutes)) + 0.5 * double(l2) * double(sum<T>(w_squares));
    }
    sums.gradient2 += double(sum<T>(squares));
  }

  /// θ and the moments take the step that g asks for; adds Σ Δθ² to the sums.
  void step(const T* g, size_t ld, const Place& place, LayerSums& sums) const {
    switch (rule) {
#define DELTAPROP_RULE(name) \
  case Rule::name: return step_by<Rule::name>(g, ld, place, sums);
      DELTAPROP_RULE(gradient_descent)
      DELTAPROP_RULE(momentum)
      DELTAPROP_RULE(nesterov)
      DELTAPROP_RULE(adagrad)
      DELTAPROP_RULE(rmsprop)
      DELTAPROP_RULE(adam)
      DELTAPROP_RULE(adamw)
#undef DELTAPROP_RULE
    }
  }

  /// Asks for the parameters of a place to be brought near before they are needed.
  void prefetch(const Place& place) const {
    for (size_t i = 0; i < place.rows; i++)
      for (size_t j = 0; j < place.cols; j += 64 / sizeof(T)) {
        size_t at = place.offset + i * place.stride + j;
        __builtin_prefetch(theta + at, 1);
        if (first) __builtin_prefetch(first + at, 1);
        if (second) __builtin_prefetch(second + at, 1);
      }
  }

 private:
  template <Rule kind>
  void step_by(const T* g, size_t ld, const Place& place, LayerSums& sums) const {
    vec<T> squares{};
    for (size_t i = 0; i < place.rows; i++)
      for (size_t j = 0; j < place.cols; j += lanes<T>) {
        size_t at = place.offset + i * place.stride + j, n = place.cols - j;
        vec<T> gradient = load_first(g + i * ld + j, n) * clip_factor;
        if (clip_value > 0) {
          gradient = gradient > clip_value ? fill(clip_value) : gradient;
          gradient = gradient < -clip_value ? fill(-clip_value) : gradient;
        }
        vec<T> alpha = rates ? rate * load_first(rates + at, n) : fill(rate);
        vec<T> before = load_first(theta + at, n), after = move<kind>(before, gradient, alpha, at, n);
        store_first(theta + at, n, after);
        vec<T> change = after - before;
        squares += change * change;
      }
    sums.update2 += double(sum<T>(squares));
  }

  template <Rule kind>
  vec<T> move(vec<T> w, vec<T> g, vec<T> alpha, size_t at, size_t n) const {
    if constexpr (kind == Rule::gradient_descent) {
      return w - alpha * g;
    } else if constexpr (kind == Rule::momentum) {
      vec<T> v = beta1 * load_first(first + at, n) - alpha * g;
      store_first(first + at, n, v);
      return w + v;
    } else if constexpr (kind == Rule::nesterov) {
      vec<T> descent = alpha * g, v = beta1 * load_first(first + at, n) - descent;
      store_first(first + at, n, v);
      return w + beta1 * v - descent;
    } else if constexpr (kind == Rule::adagrad || kind == Rule::rmsprop) {
      vec<T> s = load_first(second + at, n);
      s = kind == Rule::adagrad ? s + g * g : beta2 * s + rest2 * (g * g);
      store_first(second + at, n, s);
      return w - alpha * g / (square_root<T>(s) + epsilon);
    } else {
      vec<T> m = beta1 * load_first(first + at, n) + rest1 * g;
      vec<T> s = beta2 * load_first(second + at, n) + rest2 * (g * g);
      store_first(first + at, n, m);
      store_first(second + at, n, s);
      if constexpr (kind == Rule::adamw) w = w * decay_factor(at, n);
      return w - alpha * m / (square_root<T>(s) * root + epsilon);
    }
  }

  vec<T> decay_factor(size_t at, size_t n) const {  // 1 − α λ, with α before Adam's correction
    return rates ? T(1) - decay * load_first(rates + at, n) : fill(T(1) - decay);
  }
};

}  // namespace deltaprop::DELTAPROP_TARGET
