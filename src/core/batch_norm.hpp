// z = gain ⊙ x̂ + shift,  x̂ = (x − mean) / √(variance + ε) over the batch; running statistics outside
// training.
#pragma once

#include <vector>

#include "layer.hpp"

namespace deltaprop::DELTAPROP_TARGET {

template <class T>
class BatchNorm final : public Layer<T> {
 public:
  struct Offsets {
    size_t gain, shift, mean, variance;  // in theta, and in the buffers
  };

  BatchNorm(T momentum, T epsilon, Offsets at, size_t rows, size_t cols, size_t threads)
      : momentum_(momentum), epsilon_(epsilon), at_(at), cols_(cols), x_hat_(rows, cols), part_(threads) {
    for (auto& part : part_) part = Part(round_up(cols, lanes<T>));
  }

  bool whole_batch() const override { return true; }

  void forward(const Pass<T>& pass, Range rows, const Worker<T>& worker) override {
    Part& own = part_[worker.index];
    if (pass.training)
      measure(pass, rows, worker);
    else
      recall(pass, own);
    each_column([&](size_t c, size_t n) {
      vec<T> mean = load(own.mean.data() + c), inverse = load(own.inverse.data() + c);
      vec<T> gain = load_first(this->own.theta + at_.gain + c, n),
             shift = load_first(this->own.theta + at_.shift + c, n);
      down(
          rows, c,
          [&](const T* x, T* h, T* z) {
            vec<T> x_hat = (load(x) - mean) * inverse;
            store(h, x_hat);
            store(z, gain * x_hat + shift);
          },
          *this->x, x_hat_, *this->y);
    });
  }

  void backward(const Pass<T>& pass, Range rows, const Worker<T>& worker) override {
    jacobian(pass, rows, worker, *this->d_y, *this->d_x,
             [&](size_t c, size_t n) { return load_first(this->own.theta + at_.gain + c, n); });
  }

  void gradient(const Pass<T>&, Range rows, const Worker<T>& worker, const Sink<T>& sink) override {
    Range mine = this->own_part(cols_, worker);
    alignas(64) T g[lanes<T>];
    for (size_t c = mine.begin; c < mine.end; c += lanes<T>) {
      Range part{c, mine.end - c < size_t(lanes<T>) ? mine.end : c + lanes<T>};
      store(g, column_sum<T>(
                   rows, c, [](const T* d, const T* h) { return load(d) * load(h); }, *this->d_y, x_hat_));
      this->give(sink, g, part.size(), this->part_of(at_.gain, part));
      store(g, column_sum<T>(rows, c, [](const T* d) { return load(d); }, *this->d_y));
      this->give(sink, g, part.size(), this->part_of(at_.shift, part));
    }
  }

  void each_place(const Worker<T>& worker, const std::function<void(const Place&)>& body) const override {
    Range mine = this->own_part(cols_, worker);
    if (mine.size() == 0) return;
    body(this->part_of(at_.gain, mine));
    body(this->part_of(at_.shift, mine));
  }

  void sample_gradient(const Pass<T>&, size_t r, T* grad) override {
    for (size_t c = 0; c < cols_; c++) {
      grad[at_.gain + c] = (*this->d_y)(r, c) * x_hat_(r, c);
      grad[at_.shift + c] = (*this->d_y)(r, c);
    }
  }

  void tangent(const Pass<T>& pass, Range rows, const Worker<T>& worker) override {
    jacobian(pass, rows, worker, *this->t_x, *this->t_y, [](size_t, size_t) { return fill(T(1)); });
    each_column([&](size_t c, size_t n) {
      vec<T> gain = load_first(this->own.theta + at_.gain + c, n);
      vec<T> d_gain = load_first(pass.direction + at_.gain + c, n);
      vec<T> d_shift = load_first(pass.direction + at_.shift + c, n);
      down(
          rows, c, [&](T* t, const T* h) { store(t, gain * load(t) + d_gain * load(h) + d_shift); },
          *this->t_y, x_hat_);
    });
  }

  /// Moves the running statistics towards those of this batch; a single sample has no variance.
  void update_running_stats(const Pass<T>& pass, const Worker<T>& worker) override {
    if (pass.rows < 2) return;
    const Part& part = part_[worker.index];
    Range own = share(cols_, lanes<T>, worker.index, worker.count);
    T unbiased = T(double(pass.rows) / double(pass.rows - 1));
    for (size_t c = own.begin; c < own.end; c++) {
      T &mean = pass.buffers[at_.mean + c], &variance = pass.buffers[at_.variance + c];
      mean += momentum_ * (part.mean[c] - mean);
      variance += momentum_ * (part.variance[c] * unbiased - variance);
    }
  }

 private:
  /// One thread's sums over its rows, and its copy of what follows from all sums.
  struct Part {
    Buffer<T> sum, squares, mean, variance, inverse, straight, along;
    Part() = default;
    explicit Part(size_t n) : sum(n), squares(n), mean(n), variance(n), inverse(n), straight(n), along(n) {}
  };

  template <class Body>
  void each_column(Body body) const {
    for (size_t c = 0; c < cols_; c += lanes<T>) body(c, cols_ - c);
  }

  template <class Body, class... M>
  static void down(Range rows, size_t col, Body body, M&... m) {
    for (size_t r = rows.begin; r < rows.end; r++)
      body((m.at(r, col / Matrix<T>::panel) + col % Matrix<T>::panel)...);
  }

  vec<T> total(Buffer<T> Part::* which, size_t c, size_t threads) const {
    vec<T> sum{};
    for (size_t t = 0; t < threads; t++) sum += load((part_[t].*which).data() + c);
    return sum;
  }

  void measure(const Pass<T>& pass, Range rows, const Worker<T>& worker) {
    Part& own = part_[worker.index];
    T n = T(pass.rows);
    each_column([&](size_t c, size_t) {
      store(own.sum.data() + c, column_sum<T>(rows, c, [](const T* x) { return load(x); }, *this->x));
    });
    worker.barrier->wait();
    each_column([&](size_t c, size_t) {
      vec<T> mean = total(&Part::sum, c, worker.count) / n;
      store(own.mean.data() + c, mean);
      auto square = [&](const T* x) {
        vec<T> d = load(x) - mean;
        return d * d;
      };
      store(own.squares.data() + c, column_sum<T>(rows, c, square, *this->x));
    });
    worker.barrier->wait();
    each_column([&](size_t c, size_t) {
      vec<T> variance = total(&Part::squares, c, worker.count) / n;
      store(own.variance.data() + c, variance);
      store(own.inverse.data() + c, T(1) / square_root<T>(variance + epsilon_));
    });
  }

  void recall(const Pass<T>& pass, Part& own) const {
    each_column([&](size_t c, size_t n) {
      store(own.mean.data() + c, load_first(pass.buffers + at_.mean + c, n));
      vec<T> variance = load_first(pass.buffers + at_.variance + c, n);
      store(own.inverse.data() + c, T(1) / square_root<T>(variance + epsilon_));
    });
  }

  /// out = (∂x̂/∂x)(v ⊙ factor):  (v − mean v − x̂ mean(x̂ v)) / √(variance + ε) in training, v / √(…) otherwise
  template <class Factor>
  void jacobian(const Pass<T>& pass, Range rows, const Worker<T>& worker, Matrix<T>& in, Matrix<T>& out,
                Factor factor) {
    Part& own = part_[worker.index];
    if (pass.training) {
      each_column([&](size_t c, size_t) {
        store(own.straight.data() + c, column_sum<T>(rows, c, [](const T* v) { return load(v); }, in));
        store(own.along.data() + c,
              column_sum<T>(rows, c, [](const T* v, const T* h) { return load(v) * load(h); }, in, x_hat_));
      });
      worker.barrier->wait();
    }
    each_column([&](size_t c, size_t n) {
      vec<T> scale = factor(c, n) * load(own.inverse.data() + c), mean{}, along{};
      if (pass.training) {
        mean = total(&Part::straight, c, worker.count) / T(pass.rows);
        along = total(&Part::along, c, worker.count) / T(pass.rows);
      }
      down(
          rows, c,
          [&](T* to, const T* v, const T* h) { store(to, (load(v) - mean - load(h) * along) * scale); }, out,
          in, x_hat_);
    });
    if (pass.training) worker.barrier->wait();  // all threads have read the sums before they change
  }

  T momentum_, epsilon_;
  Offsets at_;
  size_t cols_;
  Matrix<T> x_hat_;
  std::vector<Part> part_;
};

}  // namespace deltaprop::DELTAPROP_TARGET
