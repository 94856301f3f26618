// z = gain ⊙ x̂ + shift,  x̂ = (x − mean) / √(variance + ε): batch and layer normalization.
#pragma once

#include <vector>

#include "rowwise.hpp"

namespace deltaprop::DELTAPROP_TARGET {

/// What does not depend on how x̂ is computed.
template <class T>
class Normalization : public Layer<T> {
 public:
  Normalization(T epsilon, size_t gain, size_t shift, size_t rows, size_t cols)
      : epsilon_(epsilon), gain_(gain), shift_(shift), cols_(cols), x_hat_(rows, cols) {}

  void gradient(const Pass<T>&, Range rows, size_t piece, const Worker<T>& worker,
                const Sink<T>& sink) override {
    auto along = [](const T* d, const T* h) { return load(d) * load(h); };
    give_sums(this->part(cols_, piece, worker.count), sink, *this->d_y, rows,
              [&](size_t c) { return column_sum<T>(rows, c, along, *this->d_y, x_hat_); });
  }

  void r_gradient(const Pass<T>&, Range rows, size_t piece, const Worker<T>& worker,
                  const Sink<T>& sink) override {
    auto along = [](const T* r, const T* h, const T* d, const T* r_h) {
      return load(r) * load(h) + load(d) * load(r_h);
    };
    give_sums(this->part(cols_, piece, worker.count), sink, *this->r_d_y, rows, [&](size_t c) {
      return column_sum<T>(rows, c, along, *this->r_d_y, x_hat_, *this->d_y, r_x_hat_);
    });
  }

  void make_tangents() override { r_x_hat_ = Matrix<T>(x_hat_.rows(), cols_); }

  void each_place(const Worker<T>& worker, const std::function<void(const Place&)>& body) const override {
    Range mine = this->own_part(cols_, worker);
    if (mine.size() == 0) return;
    body(this->part_of(gain_, mine));
    body(this->part_of(shift_, mine));
  }

  void sample_gradient(const Pass<T>&, size_t r, T* grad) override {
    for (size_t c = 0; c < cols_; c++) {
      grad[gain_ + c] = (*this->d_y)(r, c) * x_hat_(r, c);
      grad[shift_ + c] = (*this->d_y)(r, c);
    }
  }

 protected:
  /// Columns c… of the gain and of the shift in a vector of theta's layout.
  vec<T> gain(const T* theta, size_t c) const { return load_first(theta + gain_ + c, cols_ - c); }
  vec<T> shift(const T* theta, size_t c) const { return load_first(theta + shift_ + c, cols_ - c); }

  T epsilon_;
  size_t gain_, shift_, cols_;
  Matrix<T> x_hat_, r_x_hat_;

 private:
  /// The gradient of these gains, Σ d ⊙ x̂ from the caller, and of the shifts, Σ d.
  template <class Along>
  void give_sums(Range columns, const Sink<T>& sink, const Matrix<T>& d, Range rows, Along along) {
    this->give_columns(gain_, columns, sink, along);
    this->give_columns(shift_, columns, sink, [&](size_t c) { return column_sum<T>(rows, c, itself, d); });
  }
};

/// Mean and variance are those of the batch in training, the running statistics otherwise.
template <class T>
class BatchNorm final : public Normalization<T> {
 public:
  struct Offsets {
    size_t gain, shift, mean, variance;  // in theta, and in the buffers
  };

  BatchNorm(T momentum, T epsilon, Offsets at, size_t rows, size_t cols, size_t threads)
      : Normalization<T>(epsilon, at.gain, at.shift, rows, cols), momentum_(momentum), at_(at) {
    for (size_t t = 0; t < threads; t++) part_.emplace_back(round_up(cols, lanes<T>));
  }

  bool whole_batch(const Pass<T>&) const override { return true; }

  void forward(const Pass<T>& pass, Range rows, const Worker<T>& worker) override {
    Part& own = part_[worker.index];
    if (pass.training)
      measure(pass, rows, worker);
    else
      recall(pass, own);
    const T* theta = this->own.theta;
    for (size_t c = 0; c < cols_; c += lanes<T>) {
      vec<T> mean = load(&own.mean[c]), inverse = load(&own.inverse[c]);
      vec<T> gain = this->gain(theta, c), shift = this->shift(theta, c);
      auto normalize = [&](const T* x, T* h, T* z) {
        vec<T> x_hat = (load(x) - mean) * inverse;
        store(h, x_hat);
        store(z, gain * x_hat + shift);
      };
      each_row(rows, c, normalize, *this->x, x_hat_, *this->y);
    }
  }

  void backward(const Pass<T>& pass, Range rows, const Worker<T>& worker) override {
    jacobian(pass, rows, worker, *this->d_y, *this->d_x,
             [&](size_t c) { return this->gain(this->own.theta, c); });
  }

  void tangent(const Pass<T>& pass, Range rows, const Worker<T>& worker) override {
    jacobian(pass, rows, worker, *this->t_x, r_x_hat_, [](size_t) { return fill(T(1)); });
    Part& own = part_[worker.index];
    for (size_t c = 0; c < cols_; c += lanes<T>) {
      vec<T> gain = this->gain(this->own.theta, c);
      vec<T> d_gain = this->gain(pass.direction, c), d_shift = this->shift(pass.direction, c);
      auto change = [&](T* t, const T* r, const T* h) {
        store(t, gain * load(r) + d_gain * load(h) + d_shift);
      };
      each_row(rows, c, change, *this->t_y, r_x_hat_, x_hat_);
      if (pass.training)
        store(&own.r_log_deviation[c],
              load(&own.inverse[c]) * total(&Part::along, c, worker.count) / T(pass.rows));
    }
  }

  /// With v = gain ⊙ d_z, J = ∂x̂/∂x and s = √(variance + ε):
  ///   R{d_x} = J R{v} − (R{x̂} mean(x̂ v) + x̂ mean(R{x̂} v)) / s − d_x R{log s}
  /// In evaluation all but the first term are zero.
  void r_backward(const Pass<T>& pass, Range rows, const Worker<T>& worker) override {
    backward(pass, rows, worker);
    Part& own = part_[worker.index];
    for (size_t c = 0; c < cols_; c += lanes<T>) {
      vec<T> gain = this->gain(this->own.theta, c), d_gain = this->gain(pass.direction, c);
      auto change = [&](T* to, const T* r, const T* d) { store(to, gain * load(r) + d_gain * load(d)); };
      each_row(rows, c, change, *this->r_d_x, *this->r_d_y, *this->d_y);
      if (!pass.training) continue;
      vec<T> share = gain / T(pass.rows);
      store(&own.mean_along[c], share * total(&Part::along, c, worker.count));
      auto along = [](const T* r_h, const T* d) { return load(r_h) * load(d); };
      store(&own.r_along[c], share * column_sum<T>(rows, c, along, r_x_hat_, *this->d_y));
    }
    if (pass.training) worker.barrier->wait();  // `jacobian` replaces the sums that were read
    jacobian(pass, rows, worker, *this->r_d_x, *this->r_d_x, [](size_t) { return fill(T(1)); });
    for (size_t c = 0; pass.training && c < cols_; c += lanes<T>) {
      vec<T> inverse = load(&own.inverse[c]), r_log = load(&own.r_log_deviation[c]);
      vec<T> along = load(&own.mean_along[c]), r_along = total(&Part::r_along, c, worker.count);
      auto subtract = [&](T* to, const T* h, const T* r_h, const T* d_x) {
        store(to, load(to) - inverse * (load(r_h) * along + load(h) * r_along) - r_log * load(d_x));
      };
      each_row(rows, c, subtract, *this->r_d_x, x_hat_, r_x_hat_, *this->d_x);
    }
  }

  /// Moves the running statistics towards those of this batch; a single sample has no variance.
  void update_running_stats(const Pass<T>& pass, const Worker<T>& worker) override {
    if (pass.rows < 2) return;
    const Part& part = part_[worker.index];
    Range own = this->own_part(cols_, worker);
    T unbiased = T(double(pass.rows) / double(pass.rows - 1));
    for (size_t c = own.begin; c < own.end; c++) {
      T &mean = pass.buffers[at_.mean + c], &variance = pass.buffers[at_.variance + c];
      mean += momentum_ * (part.mean[c] - mean);
      variance += momentum_ * (part.variance[c] * unbiased - variance);
    }
  }

 private:
  using Normalization<T>::epsilon_, Normalization<T>::cols_, Normalization<T>::x_hat_,
      Normalization<T>::r_x_hat_;

  /// One thread's sums over its rows, and its copy of what follows from all sums.
  struct Part {
    Buffer<T> sum, squares, mean, variance, inverse, straight, along, r_log_deviation, mean_along, r_along;
    explicit Part(size_t n)
        : sum(n),
          squares(n),
          mean(n),
          variance(n),
          inverse(n),
          straight(n),
          along(n),
          r_log_deviation(n),
          mean_along(n),
          r_along(n) {}
  };

  vec<T> total(Buffer<T> Part::* which, size_t c, size_t threads) const {
    vec<T> sum{};
    for (size_t t = 0; t < threads; t++) sum += load(&(part_[t].*which)[c]);
    return sum;
  }

  void measure(const Pass<T>& pass, Range rows, const Worker<T>& worker) {
    Part& own = part_[worker.index];
    T n = T(pass.rows);
    for (size_t c = 0; c < cols_; c += lanes<T>) store(&own.sum[c], column_sum<T>(rows, c, itself, *this->x));
    worker.barrier->wait();
    for (size_t c = 0; c < cols_; c += lanes<T>) {
      vec<T> mean = total(&Part::sum, c, worker.count) / n;
      store(&own.mean[c], mean);
      auto square = [&](const T* x) {
        vec<T> d = load(x) - mean;
        return d * d;
      };
      store(&own.squares[c], column_sum<T>(rows, c, square, *this->x));
    }
    worker.barrier->wait();
    for (size_t c = 0; c < cols_; c += lanes<T>) {
      vec<T> variance = total(&Part::squares, c, worker.count) / n;
      store(&own.variance[c], variance);
      store(&own.inverse[c], T(1) / square_root<T>(variance + epsilon_));
    }
  }

  void recall(const Pass<T>& pass, Part& own) const {
    for (size_t c = 0; c < cols_; c += lanes<T>) {
      store(&own.mean[c], load_first(pass.buffers + at_.mean + c, cols_ - c));
      vec<T> variance = load_first(pass.buffers + at_.variance + c, cols_ - c);
      store(&own.inverse[c], T(1) / square_root<T>(variance + epsilon_));
    }
  }

  /// out = (∂x̂/∂x)(v ⊙ factor):  (v − mean v − x̂ mean(x̂ v)) / √(variance + ε) in training, v / √(…) otherwise
  template <class Factor>
  void jacobian(const Pass<T>& pass, Range rows, const Worker<T>& worker, Matrix<T>& in, Matrix<T>& out,
                Factor factor) {
    Part& own = part_[worker.index];
    if (pass.training) {
      for (size_t c = 0; c < cols_; c += lanes<T>) {
        store(&own.straight[c], column_sum<T>(rows, c, itself, in));
        auto product = [](const T* v, const T* h) { return load(v) * load(h); };
        store(&own.along[c], column_sum<T>(rows, c, product, in, x_hat_));
      }
      worker.barrier->wait();
    }
    for (size_t c = 0; c < cols_; c += lanes<T>) {
      vec<T> scale = factor(c) * load(&own.inverse[c]), mean{}, along{};
      if (pass.training) {
        mean = total(&Part::straight, c, worker.count) / T(pass.rows);
        along = total(&Part::along, c, worker.count) / T(pass.rows);
      }
      auto apply = [&](T* to, const T* v, const T* h) {
        store(to, (load(v) - mean - load(h) * along) * scale);
      };
      each_row(rows, c, apply, out, in, x_hat_);
    }
  }

  T momentum_;
  Offsets at_;
  std::vector<Part> part_;
};

/// Mean and variance are those of the units of a sample.
template <class T>
class LayerNorm final : public Normalization<T> {
 public:
  LayerNorm(T epsilon, size_t gain, size_t shift, size_t rows, size_t cols)
      : Normalization<T>(epsilon, gain, shift, rows, cols), inverse_(rows) {}

  void forward(const Pass<T>&, Range rows, const Worker<T>&) override {
    const T* theta = this->own.theta;
    for (size_t r = rows.begin; r < rows.end; r++) {
      Row<T> x(*this->x, r), x_hat(x_hat_, r), z(*this->y, r);
      T mean = row_sum<T>(x.vectors(), [&](size_t i) { return x.get(i); }) / T(cols_);
      auto square = [&](size_t i) {
        vec<T> d = x.get(i, mean) - mean;
        return d * d;
      };
      T variance = row_sum<T>(x.vectors(), square) / T(cols_);
      T inverse = inverse_[r] = T(1) / std::sqrt(variance + epsilon_);
      for (size_t i = 0; i < x.vectors(); i++) {
        vec<T> v = (load(x[i]) - mean) * inverse;
        store(x_hat[i], v);
        store(z[i], this->gain(theta, i * lanes<T>) * v + this->shift(theta, i * lanes<T>));
      }
    }
  }

  void backward(const Pass<T>&, Range rows, const Worker<T>&) override {
    for (size_t r = rows.begin; r < rows.end; r++) {
      Row<T> d_z(*this->d_y, r), d_x(*this->d_x, r);
      for (size_t i = 0; i < d_z.vectors(); i++)
        store(d_x[i], load(d_z[i]) * this->gain(this->own.theta, i * lanes<T>));
      jacobian(r, d_x, d_x);
    }
  }

  void tangent(const Pass<T>& pass, Range rows, const Worker<T>&) override {
    for (size_t r = rows.begin; r < rows.end; r++) {
      Row<T> t_x(*this->t_x, r), t_z(*this->t_y, r), x_hat(x_hat_, r), r_x_hat(r_x_hat_, r);
      jacobian(r, t_x, r_x_hat);
      for (size_t i = 0; i < t_z.vectors(); i++) {
        vec<T> gain = this->gain(this->own.theta, i * lanes<T>);
        vec<T> d_gain = this->gain(pass.direction, i * lanes<T>);
        store(t_z[i],
              gain * load(r_x_hat[i]) + d_gain * load(x_hat[i]) + this->shift(pass.direction, i * lanes<T>));
      }
    }
  }

  /// As for batch normalization, over the units of a sample.
  void r_backward(const Pass<T>& pass, Range rows, const Worker<T>& worker) override {
    backward(pass, rows, worker);
    for (size_t r = rows.begin; r < rows.end; r++) {
      Row<T> t_x(*this->t_x, r), x_hat(x_hat_, r), r_x_hat(r_x_hat_, r);
      Row<T> d_z(*this->d_y, r), d_x(*this->d_x, r), r_d_z(*this->r_d_y, r), r_d_x(*this->r_d_x, r);
      auto v = [&](size_t i) { return this->gain(this->own.theta, i * lanes<T>) * d_z.get(i); };
      auto mean = [&](auto term) { return row_sum<T>(d_z.vectors(), term) / T(cols_); };
      for (size_t i = 0; i < d_z.vectors(); i++)
        store(r_d_x[i], this->gain(this->own.theta, i * lanes<T>) * load(r_d_z[i]) +
                            this->gain(pass.direction, i * lanes<T>) * load(d_z[i]));
      jacobian(r, r_d_x, r_d_x);
      T along = mean([&](size_t i) { return x_hat.get(i) * v(i); });
      T r_along = mean([&](size_t i) { return r_x_hat.get(i) * v(i); });
      T r_log = mean([&](size_t i) { return x_hat.get(i) * t_x.get(i); }) * inverse_[r];
      for (size_t i = 0; i < d_z.vectors(); i++)
        store(r_d_x[i], load(r_d_x[i]) - inverse_[r] * (load(r_x_hat[i]) * along + load(x_hat[i]) * r_along) -
                            r_log * load(d_x[i]));
    }
  }

 private:
  using Normalization<T>::epsilon_, Normalization<T>::cols_, Normalization<T>::x_hat_,
      Normalization<T>::r_x_hat_;

  /// (v − mean v − x̂ mean(x̂ v)) / √(variance + ε)
  void jacobian(size_t r, const Row<T>& v, const Row<T>& out) {
    Row<T> x_hat(x_hat_, r);
    T mean = row_sum<T>(v.vectors(), [&](size_t i) { return v.get(i); }) / T(cols_);
    T along = row_sum<T>(v.vectors(), [&](size_t i) { return v.get(i) * x_hat.get(i); }) / T(cols_);
    for (size_t i = 0; i < v.vectors(); i++)
      store(out[i], (load(v[i]) - mean - load(x_hat[i]) * along) * inverse_[r]);
  }

  Buffer<T> inverse_;
};

}  // namespace deltaprop::DELTAPROP_TARGET
