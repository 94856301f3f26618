// First-order rules, one vector of parameters at a time, with θ, gradient and moments in registers.
#pragma once

#include "kinds.hpp"
#include "matrix.hpp"

namespace deltaprop::DELTAPROP_TARGET {

/// What one piece of a layer's step adds up to.
struct LayerSums {
  double gradient2 = 0, update2 = 0, penalty = 0;
};

/// Vectors of the same layout: parameters, the one or two vectors of the optimizer's state, the gradient, and
/// factors on each parameter's rate and decay. Those that are not needed are null.
template <class T>
struct Vectors {
  T *theta = nullptr, *first = nullptr, *second = nullptr, *gradient = nullptr, *rates = nullptr,
    *decays = nullptr;
};

/// A rectangle of parameters: row i begins at offset + i · stride and has `cols` numbers.
struct Place {
  size_t offset, stride, rows, cols;
  size_t array;    // where in theta the array begins that it is a part of
  bool penalized;  // penalties act on it

  /// Contiguous rows as one long row.
  Place joined() const {
    return cols == stride ? Place{offset, rows * cols, 1, rows * cols, array, penalized} : *this;
  }
};

/// Σ of the squares in a rectangle
template <class T>
inline double sum_of_squares(const T* numbers, const Place& place) {
  double total = 0;
  for (size_t i = 0; i < place.rows; i++) {
    vec<T> squares{};
    for (size_t j = 0; j < place.cols; j += lanes<T>) {
      vec<T> v = load_first(numbers + place.offset + i * place.stride + j, place.cols - j);
      squares += v * v;
    }
    total += double(sum<T>(squares));
  }
  return total;
}

/// One step of an optimizer: its hyper-parameters at this step.
template <class T>
struct Update {
  Rule rule = Rule::gradient_descent;
  T rate = 0, beta1 = 0, beta2 = 0, rest1 = 0, rest2 = 0, epsilon = 0;  // rest = 1 − beta
  T root = 0;   // Adam: rate is α / (1 − p₁), root 1 / √(1 − p₂)
  T decay = 0;  // α λ of decoupled weight decay, α before Adam's correction
  T l1 = 0, l2 = 0, clip_value = 0, clip_factor = 1;
  // In theta's layout, where factors are the same for all of an array: read at its first parameter only.
  const T *rates = nullptr, *decays = nullptr;

  /// g ← g + ∂penalty/∂θ, where g is not null; adds the penalty's value to the sums.
  void penalize(const Vectors<T>& at, T* g, size_t ld, const Place& place, LayerSums& sums) const {
    if (!place.penalized || (l1 == 0 && l2 == 0)) return;
    for (size_t i = 0; i < place.rows; i++) {
      const T* w = at.theta + place.offset + i * place.stride;
      vec<T> absolutes{}, squares{}, zero{};
      for (size_t j = 0; j < place.cols; j += lanes<T>) {
        size_t n = place.cols - j;
        vec<T> weight = load_first(w + j, n);
        vec<T> sign = weight > zero ? fill(T(1)) : (weight < zero ? fill(T(-1)) : weight);
        if (g) store_first(g + i * ld + j, n, load_first(g + i * ld + j, n) + (l1 * sign + l2 * weight));
        absolutes += weight * sign;
        squares += weight * weight;
      }
      sums.penalty += double(l1) * double(sum<T>(absolutes)) + 0.5 * double(l2) * double(sum<T>(squares));
    }
  }

  /// Steps θ and the moments with the gradient g; adds Σ g² and Σ Δθ² to the sums.
  __attribute__((noinline)) void step(const Vectors<T>& v, const T* g, size_t ld, const Place& place,
                                      LayerSums& sums) const {
    const Update own = of(place);
    switch (rule) {
#define DELTAPROP_RULE(name) \
  case Rule::name:           \
    return own.template step_by<Rule::name>(v, g, ld, place, sums);
      DELTAPROP_RULES(DELTAPROP_RULE)
#undef DELTAPROP_RULE
    }
  }

 private:
  /// The update with the rate and the decay of the array that the place is a part of.
  Update of(const Place& place) const {
    Update own = *this;
    if (rates) own.rate *= rates[place.array], own.decay *= rates[place.array];
    if (decays) own.decay *= decays[place.array];
    return own;
  }

  template <Rule kind>
  __attribute__((always_inline)) void step_by(const Vectors<T>& v, const T* g, size_t ld, const Place& place,
                                              LayerSums& sums) const {
    vec<T> gradient2{}, update2{};
    auto move_all = [&](vec<T> g, size_t at, size_t n) {
      vec<T> change = move<kind>(v, g, at, n);
      gradient2 += g * g;
      update2 += change * change;
    };
    for (size_t i = 0; i < place.rows; i++) {
      size_t at = place.offset + i * place.stride, j = 0;
      for (; j + lanes<T> <= place.cols; j += lanes<T>) move_all(load(g + i * ld + j), at + j, lanes<T>);
      if (j < place.cols) move_all(load_first(g + i * ld + j, place.cols - j), at + j, place.cols - j);
    }
    sums.gradient2 += double(sum<T>(gradient2));
    sums.update2 += double(sum<T>(update2));
  }

  /// Moves the first n lanes of one vector of parameters; returns their change.
  template <Rule kind>
  __attribute__((always_inline)) vec<T> move(const Vectors<T>& v, vec<T> g, size_t at, size_t n) const {
    g *= clip_factor;
    if (clip_value > 0) {
      g = g > clip_value ? fill(clip_value) : g;
      g = g < -clip_value ? fill(-clip_value) : g;
    }
    vec<T> alpha = v.rates ? rate * load_first(v.rates + at, n) : fill(rate);
    const vec<T> before = load_first(v.theta + at, n);
    vec<T> after = before;
    if (decay != 0) {
      vec<T> shrinkage = v.rates ? decay * load_first(v.rates + at, n) : fill(decay);
      if (v.decays) shrinkage *= load_first(v.decays + at, n);
      after *= T(1) - shrinkage;
    }
    if constexpr (kind == Rule::gradient_descent) {
      after -= alpha * g;
    } else if constexpr (kind == Rule::momentum || kind == Rule::nesterov) {
      vec<T> descent = alpha * g, velocity = beta1 * load_first(v.first + at, n) - descent;
      store_first(v.first + at, n, velocity);
      after = kind == Rule::momentum ? after + velocity : after + beta1 * velocity - descent;
    } else if constexpr (kind == Rule::adagrad || kind == Rule::rmsprop) {
      vec<T> s = load_first(v.first + at, n);
      s = kind == Rule::adagrad ? s + g * g : beta2 * s + rest2 * (g * g);
      store_first(v.first + at, n, s);
      after -= alpha * g / (square_root<T>(s) + epsilon);
    } else if constexpr (kind == Rule::delta_bar_delta) {
      vec<T> average = load_first(v.first + at, n), gain = load_first(v.second + at, n);
      vec<T> agreement = average * g, zero{};
      gain = agreement > zero ? gain + epsilon : (agreement < zero ? rest2 * gain : gain);
      store_first(v.first + at, n, beta1 * average + rest1 * g);
      store_first(v.second + at, n, gain);
      after -= alpha * gain * g;
    } else {
      static_assert(kind == Rule::adam);
      vec<T> m = beta1 * load_first(v.first + at, n) + rest1 * g;
      vec<T> s = beta2 * load_first(v.second + at, n) + rest2 * (g * g);
      store_first(v.first + at, n, m);
      store_first(v.second + at, n, s);
      after -= alpha * m / (square_root<T>(s) * root + epsilon);
    }
    store_first(v.theta + at, n, after);
    return after - before;
  }
};

}  // namespace deltaprop::DELTAPROP_TARGET
