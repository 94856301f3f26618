// Losses: value and delta = ∂e/∂z at the output, with one sample per lane.
#pragma once

#include "activation.hpp"
#include "program.hpp"
#include "rowwise.hpp"

namespace deltaprop::DELTAPROP_TARGET {

/// One output of the losses that are sums over outputs: adds its part to `value`, returns its delta.
template <class T, LossKind kind>
inline vec<T> loss_term(vec<T> z, vec<T> t, T level, vec<T>& value) {
  vec<T> r = z - t, zero{}, one = fill(T(1));
  if constexpr (kind == LossKind::squared_error) {
    value += T(0.5) * r * r;
    return r;
  } else if constexpr (kind == LossKind::sigmoid_cross_entropy) {
    vec<T> e = exponential<T>(-absolute<T>(z));
    value += maximum<T>(z, zero) - t * z + log_one_plus<T>(e);
    return (z >= T(0) ? one : e) / (e + T(1)) + (z != z ? z : zero) - t;
  } else if constexpr (kind == LossKind::hinge) {
    vec<T> product = t * z;
    value += maximum<T>(one - product, zero);
    return product < T(1) ? -t : zero;
  } else if constexpr (kind == LossKind::perceptron) {
    vec<T> delta = (z >= T(0) ? one : zero) - t;
    value += delta * z;
    return delta;
  } else if constexpr (kind == LossKind::absolute_error) {
    value += absolute<T>(r);
    return r > T(0) ? one : (r < T(0) ? -one : r);
  } else if constexpr (kind == LossKind::huber) {
    vec<T> size = absolute<T>(r), far = level * (size - T(0.5) * level);
    value += size <= level ? T(0.5) * r * r : far;
    return size <= level || r != r ? r : with_sign_of<T>(fill(level), r);
  } else if constexpr (kind == LossKind::quantile) {
    value += maximum<T>(-level * r, (T(1) - level) * r);
    return r > T(0) ? fill(T(1) - level) : (r < T(0) ? fill(-level) : zero);
  } else {
    static_assert(kind == LossKind::poisson);
    vec<T> y = exponential<T>(z), log_t = t > T(0) ? logarithm<T>(t > T(0) ? t : one) : zero;
    value += (y - t) + t * (log_t - z);
    return y - t;
  }
}

/// ∂²e/∂z² of one output of these losses.
template <class T, LossKind kind>
inline vec<T> loss_curvature(vec<T> z, vec<T> t, T level) {
  vec<T> zero{}, one = fill(T(1));
  if constexpr (kind == LossKind::squared_error) {
    return one;
  } else if constexpr (kind == LossKind::sigmoid_cross_entropy) {
    vec<T> e = exponential<T>(-absolute<T>(z));
    return e / ((T(1) + e) * (T(1) + e));
  } else if constexpr (kind == LossKind::huber) {
    return absolute<T>(z - t) <= level ? one : zero;
  } else if constexpr (kind == LossKind::poisson) {
    return exponential<T>(z);
  } else {
    static_assert(kind == LossKind::hinge || kind == LossKind::perceptron ||
                  kind == LossKind::absolute_error || kind == LossKind::quantile);
    return zero;
  }
}

/// A loss with the targets of the current batch.
template <class T>
class Loss {
 public:
  Matrix<T> targets;
  Buffer<T> labels, weight;

  Loss(const Plan& plan, size_t outputs)
      : targets(plan.rows, outputs),
        labels(round_up(plan.rows, lanes<T>)),
        weight(round_up(plan.rows, lanes<T>)),
        kind_(plan.loss),
        output_map_(plan.output_map),
        level_(T(plan.level)),
        off_(T(plan.off)),
        outputs_(outputs) {}

  /// Memory of one thread for `run` and `curve`, in numbers.
  size_t scratch() const { return 3 * round_up(outputs_, lanes<T>) * lanes<T>; }

  /// delta ← share · ∂e/∂z of each sample; returns Σ weight · e. `rows` begins at a multiple of the lanes.
  double run(const Matrix<T>& z, Matrix<T>& delta, Range rows, bool by_label, T scale, T* scratch) {
    switch (kind_) {
#define DELTAPROP_LOSS(kind) \
  case LossKind::kind:       \
    return run_kind<LossKind::kind>(z, delta, rows, by_label, scale, scratch);
      DELTAPROP_LOSSES(DELTAPROP_LOSS)
#undef DELTAPROP_LOSS
    }
    return 0;
  }

  /// out ← share · (∂²e/∂z²) v of each sample; see `run`.
  void curve(const Matrix<T>& z, const Matrix<T>& v, Matrix<T>& out, Range rows, bool by_label, T scale,
             T* scratch) {
    switch (kind_) {
#define DELTAPROP_LOSS(kind) \
  case LossKind::kind:       \
    return curve_kind<LossKind::kind>(z, v, out, rows, by_label, scale, scratch);
      DELTAPROP_LOSSES(DELTAPROP_LOSS)
#undef DELTAPROP_LOSS
    }
  }

  /// The output map: z ← what the loss takes for the prediction.
  void predict(Matrix<T>& z, Range rows) const {
    switch (output_map_) {
      case OutputMap::identity:
        return;
      case OutputMap::softmax:
        return deltaprop::DELTAPROP_TARGET::softmax(z, rows, z);
      case OutputMap::sigmoid:
        return each_vector<T>(rows, [](T* z) { store(z, logistic<T>(load(z))); }, z);
      case OutputMap::exp:
        return each_vector<T>(rows, [](T* z) { store(z, exponential<T>(load(z))); }, z);
      case OutputMap::step:
        return each_vector<T>(
            rows, [](T* z) { store(z, ActivationFunction<T, Function::step>().f(load(z))); }, z);
    }
  }

 private:
  template <LossKind kind>
  double run_kind(const Matrix<T>& z, Matrix<T>& delta, Range rows, bool by_label, T scale, T* scratch) {
    constexpr size_t L = lanes<T>;
    T *zs = scratch, *ts = scratch + round_up(outputs_, L) * L;
    double total = 0;
    for (size_t r = rows.begin; r < rows.end; r += L) {
      turn(z, r, zs);
      turn_targets(r, by_label, ts);
      smooth<kind>(ts);
      vec<T> share = load(&weight[r]) * scale, value{};
      if constexpr (kind == LossKind::softmax_cross_entropy) {
        value = softmax(zs, ts, share);
      } else {
        for (size_t j = 0; j < outputs_; j++)
          store(zs + j * L, share * loss_term<T, kind>(load(zs + j * L), load(ts + j * L), level_, value));
      }
      turn_back(zs, delta, r);
      for (size_t i = 0; i < L && r + i < rows.end; i++) total += double(value[i]) * double(weight[r + i]);
    }
    return total;
  }

  template <LossKind kind>
  void curve_kind(const Matrix<T>& z, const Matrix<T>& v, Matrix<T>& out, Range rows, bool by_label, T scale,
                  T* scratch) {
    constexpr size_t L = lanes<T>;
    size_t part = round_up(outputs_, L) * L;
    T *zs = scratch, *ts = zs + part, *vs = ts + part;
    for (size_t r = rows.begin; r < rows.end; r += L) {
      turn(z, r, zs);
      turn(v, r, vs);
      turn_targets(r, by_label, ts);
      vec<T> share = load(&weight[r]) * scale;
      if constexpr (kind == LossKind::softmax_cross_entropy) {
        std::fill_n(ts, part, T(0));
        softmax(zs, ts, fill(T(1)));  // z becomes y
        vec<T> along{};
        for (size_t j = 0; j < outputs_; j++) along += load(zs + j * L) * load(vs + j * L);
        for (size_t j = 0; j < outputs_; j++)
          store(vs + j * L, share * load(zs + j * L) * (load(vs + j * L) - along));
      } else {
        for (size_t j = 0; j < outputs_; j++) {
          vec<T> c = loss_curvature<T, kind>(load(zs + j * L), load(ts + j * L), level_);
          store(vs + j * L, share * c * load(vs + j * L));
        }
      }
      turn_back(vs, out, r);
    }
  }

  vec<T> softmax(T* z, const T* t, vec<T> share) {
    constexpr size_t L = lanes<T>;
    vec<T> largest = load(z), sum{}, along{};
    for (size_t j = 1; j < outputs_; j++) largest = maximum<T>(load(z + j * L), largest);
    for (size_t j = 0; j < outputs_; j++) {
      vec<T> shifted = load(z + j * L) - largest, e = exponential<T>(shifted);
      along += load(t + j * L) * shifted;
      sum += e;
      store(z + j * L, e);
    }
    vec<T> inverse = T(1) / sum;
    for (size_t j = 0; j < outputs_; j++)
      store(z + j * L, share * (load(z + j * L) * inverse - load(t + j * L)));
    return logarithm<T>(sum) - along + (sum != sum ? sum : vec<T>{});
  }

  /// Rows r… of a matrix to columns: out[j·L + i] is column j of row r + i.
  __attribute__((noinline)) static void turn(const Matrix<T>& m, size_t r, T* out) {
    constexpr size_t L = lanes<T>;
    vec<T> block[L];
    for (size_t c = 0; c < m.cols(); c += L) {
      size_t p = c / Matrix<T>::panel;
      for (size_t i = 0; i < L; i++) block[i] = load(m.at(r + i, p) + c % Matrix<T>::panel);
      transpose<T>(block);
      for (size_t i = 0; i < L; i++) store(out + (c + i) * L, block[i]);
    }
  }

  __attribute__((noinline)) static void turn_back(const T* in, Matrix<T>& m, size_t r) {
    constexpr size_t L = lanes<T>;
    vec<T> block[L];
    for (size_t c = 0; c < m.cols(); c += L) {
      size_t p = c / Matrix<T>::panel;
      for (size_t i = 0; i < L; i++) block[i] = load(in + (c + i) * L);
      transpose<T>(block);
      for (size_t i = 0; i < L; i++) store(m.at(r + i, p) + c % Matrix<T>::panel, block[i]);
    }
  }

  void turn_targets(size_t r, bool by_label, T* out) {
    if (by_label)
      spread_labels(r, out);
    else
      turn(targets, r, out);
  }

  /// Label smoothing of the cross-entropies: t ← (1 − s) t + s / classes.
  template <LossKind kind>
  void smooth(T* t) const {
    constexpr bool one_of_many = kind == LossKind::softmax_cross_entropy;
    if constexpr (one_of_many || kind == LossKind::sigmoid_cross_entropy) {
      if (level_ == 0) return;
      T kept = T(1) - level_, rest = level_ / (one_of_many ? T(outputs_) : T(2));
      for (size_t j = 0; j < outputs_ * lanes<T>; j += lanes<T>) store(t + j, kept * load(t + j) + rest);
    }
  }

  void spread_labels(size_t r, T* out) {
    vec<T> label = load(&labels[r]);
    for (size_t j = 0; j < outputs_; j++) store(out + j * lanes<T>, label == T(j) ? fill(T(1)) : fill(off_));
  }

  LossKind kind_;
  OutputMap output_map_;
  T level_, off_;
  size_t outputs_;
};

}  // namespace deltaprop::DELTAPROP_TARGET
