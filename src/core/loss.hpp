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

/// A loss with the targets of the current batch. Of several members it is the mean of theirs: each has as
/// many outputs, side by side, and the same targets.
template <class T>
class Loss {
 public:
  Matrix<T> targets;
  Buffer<T> labels;

  Loss(const Plan& plan, size_t outputs)
      : targets(plan.rows, outputs / plan.members),
        labels(round_up(plan.rows, lanes<T>)),
        weight_(plan.members * labels.size()),
        mean_(plan.members > 1 ? plan.rows : 0, outputs / plan.members),
        kind_(plan.loss),
        output_map_(plan.output_map),
        level_(T(plan.level)),
        off_(T(plan.off)),
        on_(T(plan.on)),
        outputs_(outputs / plan.members),
        members_(plan.members) {}

  /// Memory of one thread for `run`, `curve` and `predict`, in numbers.
  size_t scratch() const { return 3 * part(); }

  /// Sets the weights of row r: one for all members, one for each, or null: 1.
  void weigh(size_t r, const double* weights, size_t count) {
    T even = T((weights ? *weights : 1) / double(members_));
    for (size_t m = 0; m < members_; m++) weight_[m * labels.size() + r] = count > 1 ? T(weights[m]) : even;
  }

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

  /// The prediction, z itself or another matrix: the output map of z, of several members the mean.
  const Matrix<T>& predict(Matrix<T>& z, Range rows, T* scratch) {
    if (members_ > 1) return predict_mean(z, rows, scratch);
    if (output_map_ == OutputMap::softmax)
      deltaprop::DELTAPROP_TARGET::softmax(z, rows, z);
    else if (output_map_ != OutputMap::identity)
      each_vector<T>(rows, [&](T* z) { store(z, mapped(load(z))); }, z);
    return z;
  }

 private:
  /// The output map of one output, other than softmax.
  vec<T> mapped(vec<T> z) const {
    switch (output_map_) {
      case OutputMap::sigmoid:
        return logistic<T>(z);
      case OutputMap::exp:
        return exponential<T>(z);
      case OutputMap::step:
        return ActivationFunction<T, Function::step>().f(z);
      default:
        return z;
    }
  }

  const Matrix<T>& predict_mean(const Matrix<T>& z, Range rows, T* scratch) {
    constexpr size_t L = lanes<T>;
    T *zs = scratch, *sums = scratch + part(), *zeros = sums + part();
    std::fill_n(zeros, part(), T(0));
    for (size_t r = rows.begin; r < rows.end; r += L) {
      turn(z, r, zs);
      std::fill_n(sums, part(), T(0));
      for (size_t m = 0; m < members_; m++) {
        T* own = zs + m * outputs_ * L;
        if (output_map_ == OutputMap::softmax) softmax(own, zeros, fill(T(1)));
        for (size_t j = 0; j < outputs_; j++)
          store(sums + j * L, load(sums + j * L) + mapped(load(own + j * L)) * T(1 / double(members_)));
      }
      turn_back(sums, mean_, r);
    }
    return mean_;
  }

  template <LossKind kind>
  double run_kind(const Matrix<T>& z, Matrix<T>& delta, Range rows, bool by_label, T scale, T* scratch) {
    constexpr size_t L = lanes<T>;
    T *zs = scratch, *ts = scratch + part();
    double total = 0;
    for (size_t r = rows.begin; r < rows.end; r += L) {
      turn(z, r, zs);
      turn_targets(r, by_label, ts);
      smooth<kind>(ts);
      for (size_t m = 0; m < members_; m++) {
        const T* weight = &weight_[m * labels.size() + r];
        vec<T> value = run_member<kind>(zs + m * outputs_ * L, ts, load(weight) * scale);
        for (size_t i = 0; i < L && r + i < rows.end; i++) total += double(value[i]) * double(weight[i]);
      }
      turn_back(zs, delta, r);
    }
    return total;
  }

  /// z ← share · delta; returns the values.
  template <LossKind kind>
  vec<T> run_member(T* z, const T* t, vec<T> share) {
    constexpr size_t L = lanes<T>;
    if constexpr (kind == LossKind::softmax_cross_entropy) return softmax(z, t, share);
    vec<T> value{};
    if constexpr (kind != LossKind::softmax_cross_entropy)
      for (size_t j = 0; j < outputs_; j++)
        store(z + j * L, share * loss_term<T, kind>(load(z + j * L), load(t + j * L), level_, value));
    return value;
  }

  template <LossKind kind>
  void curve_kind(const Matrix<T>& z, const Matrix<T>& v, Matrix<T>& out, Range rows, bool by_label, T scale,
                  T* scratch) {
    constexpr size_t L = lanes<T>;
    T *zs = scratch, *ts = zs + part(), *vs = ts + part();
    for (size_t r = rows.begin; r < rows.end; r += L) {
      turn(z, r, zs);
      turn(v, r, vs);
      turn_targets(r, by_label, ts);
      if constexpr (kind == LossKind::softmax_cross_entropy) std::fill_n(ts, outputs_ * L, T(0));
      for (size_t m = 0; m < members_; m++) {
        size_t at = m * outputs_ * L;
        curve_member<kind>(zs + at, ts, vs + at, load(&weight_[m * labels.size() + r]) * scale);
      }
      turn_back(vs, out, r);
    }
  }

  /// v ← share · (∂²e/∂z²) v; for softmax t is 0 and z becomes y.
  template <LossKind kind>
  void curve_member(T* z, const T* t, T* v, vec<T> share) {
    constexpr size_t L = lanes<T>;
    if constexpr (kind == LossKind::softmax_cross_entropy) {
      softmax(z, t, fill(T(1)));
      vec<T> along{};
      for (size_t j = 0; j < outputs_; j++) along += load(z + j * L) * load(v + j * L);
      for (size_t j = 0; j < outputs_; j++)
        store(v + j * L, share * load(z + j * L) * (load(v + j * L) - along));
    } else {
      for (size_t j = 0; j < outputs_; j++) {
        vec<T> c = loss_curvature<T, kind>(load(z + j * L), load(t + j * L), level_);
        store(v + j * L, share * c * load(v + j * L));
      }
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
    for (size_t j = 0; j < outputs_; j++) store(out + j * lanes<T>, label == T(j) ? fill(on_) : fill(off_));
  }

  /// Room for the outputs of all members of one vector of samples.
  size_t part() const { return round_up(outputs_ * members_, lanes<T>) * lanes<T>; }

  Buffer<T> weight_;  // of each row, one member after the other
  Matrix<T> mean_;    // of the members' predictions
  LossKind kind_;
  OutputMap output_map_;
  T level_, off_, on_;
  size_t outputs_, members_;  // outputs of one member
};

}  // namespace deltaprop::DELTAPROP_TARGET
