// Layers that operate on whole samples: softmax and layer normalization; and the residual connection.
#pragma once

#include "layer.hpp"
#include "vector_math.hpp"

namespace deltaprop::DELTAPROP_TARGET {

/// The vectors of one row.
template <class T>
class Row {
 public:
  Row(Matrix<T>& m, size_t r) : m_(m), r_(r) {}
  size_t vectors() const { return (m_.cols() + lanes<T> - 1) / lanes<T>; }
  T* operator[](size_t i) const { return m_.at(r_, i / 2) + i % 2 * lanes<T>; }
  /// Vector i, with its padding replaced.
  vec<T> get(size_t i, T padding = 0) const {
    vec<T> v = load((*this)[i]);
    size_t used = m_.cols() - i * lanes<T>;
    if (used >= size_t(lanes<T>)) return v;
    return iota<T>() < decltype(iota<T>()[0] + 0)(used) ? v : fill(padding);
  }

 private:
  Matrix<T>& m_;
  size_t r_;
};

/// Σ over a row of term(i), a vector
template <class T, class Term>
inline T row_sum(size_t vectors, Term term) {
  vec<T> total{};
  for (size_t i = 0; i < vectors; i++) total += term(i);
  return sum<T>(total);
}

/// a = e^(z − max z) / Σ e^(z − max z), a row at a time; a may be z.
template <class T>
inline void softmax(Matrix<T>& z, Range rows, Matrix<T>& a) {
  constexpr T least = -std::numeric_limits<T>::infinity();
  for (size_t r = rows.begin; r < rows.end; r++) {
    Row<T> from(z, r), to(a, r);
    vec<T> most = fill(least);
    for (size_t i = 0; i < from.vectors(); i++) most = maximum<T>(from.get(i, least), most);
    T largest = most[0];
    for (int i = 1; i < lanes<T>; i++) largest = most[i] > largest || most[i] != most[i] ? most[i] : largest;
    for (size_t i = 0; i < from.vectors(); i++) store(to[i], exponential<T>(load(from[i]) - largest));
    T inverse = T(1) / row_sum<T>(to.vectors(), [&](size_t i) { return to.get(i); });
    for (size_t i = 0; i < to.vectors(); i++) store(to[i], load(to[i]) * inverse);
  }
}

/// a = softmax(z).   d_z = a ⊙ (d_a − Σ a d_a)
template <class T>
class Softmax final : public Layer<T> {
 public:
  void forward(const Pass<T>&, Range rows, const Worker<T>&) override { softmax(*this->x, rows, *this->y); }
  void backward(const Pass<T>&, Range rows, const Worker<T>&) override {
    jacobian(rows, *this->d_y, *this->d_x);
  }
  void tangent(const Pass<T>&, Range rows, const Worker<T>&) override {
    jacobian(rows, *this->t_x, *this->t_y);
  }

 private:
  void jacobian(Range rows, Matrix<T>& in, Matrix<T>& out) {
    for (size_t r = rows.begin; r < rows.end; r++) {
      Row<T> v(in, r), a(*this->y, r), to(out, r);
      T along = row_sum<T>(a.vectors(), [&](size_t i) { return a.get(i) * v.get(i); });
      for (size_t i = 0; i < a.vectors(); i++) store(to[i], load(a[i]) * (load(v[i]) - along));
    }
  }
};

/// z = gain ⊙ x̂ + shift,  x̂ = (x − mean) / √(variance + ε) over the units of a sample.
template <class T>
class LayerNorm final : public Layer<T> {
 public:
  LayerNorm(T epsilon, size_t gain, size_t shift, size_t rows, size_t cols)
      : epsilon_(epsilon),
        gain_(gain),
        shift_(shift),
        cols_(cols),
        x_hat_(rows, cols),
        inverse_(round_up(rows, lanes<T>)) {}

  void forward(const Pass<T>&, Range rows, const Worker<T>&) override {
    for (size_t r = rows.begin; r < rows.end; r++) {
      Row<T> x(*this->x, r), x_hat(x_hat_, r), z(*this->y, r);
      T mean = row_sum<T>(x.vectors(), [&](size_t i) { return x.get(i); }) / T(cols_);
      T variance = row_sum<T>(x.vectors(),
                              [&](size_t i) {
                                vec<T> d = x.get(i, mean) - mean;
                                return d * d;
                              }) /
                   T(cols_);
      T inverse = inverse_[r] = T(1) / std::sqrt(variance + epsilon_);
      for (size_t i = 0; i < x.vectors(); i++) {
        vec<T> v = (load(x[i]) - mean) * inverse;
        store(x_hat[i], v);
        store(z[i], parameters(this->own.theta + gain_, i) * v + parameters(this->own.theta + shift_, i));
      }
    }
  }

  void backward(const Pass<T>&, Range rows, const Worker<T>&) override {
    for (size_t r = rows.begin; r < rows.end; r++) {
      Row<T> d_z(*this->d_y, r), d_x(*this->d_x, r);
      for (size_t i = 0; i < d_z.vectors(); i++)
        store(d_x[i], load(d_z[i]) * parameters(this->own.theta + gain_, i));
      jacobian(r, d_x, d_x);
    }
  }

  void gradient(const Pass<T>&, Range rows, const Worker<T>& worker, const Sink<T>& sink) override {
    Range mine = this->own_part(cols_, worker);
    alignas(64) T g[lanes<T>];
    for (size_t c = mine.begin; c < mine.end; c += lanes<T>) {
      Range part{c, mine.end - c < size_t(lanes<T>) ? mine.end : c + lanes<T>};
      store(g, column_sum<T>(
                   rows, c, [](const T* d, const T* h) { return load(d) * load(h); }, *this->d_y, x_hat_));
      this->give(sink, g, part.size(), this->part_of(gain_, part));
      store(g, column_sum<T>(rows, c, [](const T* d) { return load(d); }, *this->d_y));
      this->give(sink, g, part.size(), this->part_of(shift_, part));
    }
  }

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

  void tangent(const Pass<T>& pass, Range rows, const Worker<T>&) override {
    for (size_t r = rows.begin; r < rows.end; r++) {
      Row<T> t_x(*this->t_x, r), t_z(*this->t_y, r), x_hat(x_hat_, r);
      jacobian(r, t_x, t_z);
      for (size_t i = 0; i < t_z.vectors(); i++)
        store(t_z[i], parameters(this->own.theta + gain_, i) * load(t_z[i]) +
                          parameters(pass.direction + gain_, i) * load(x_hat[i]) +
                          parameters(pass.direction + shift_, i));
    }
  }

 private:
  /// (v − mean v − x̂ mean(x̂ v)) / √(variance + ε)
  void jacobian(size_t r, const Row<T>& v, const Row<T>& out) {
    Row<T> x_hat(x_hat_, r);
    T mean = row_sum<T>(v.vectors(), [&](size_t i) { return v.get(i); }) / T(cols_);
    T along = row_sum<T>(v.vectors(), [&](size_t i) { return v.get(i) * x_hat.get(i); }) / T(cols_);
    for (size_t i = 0; i < v.vectors(); i++)
      store(out[i], (load(v[i]) - mean - load(x_hat[i]) * along) * inverse_[r]);
  }

  vec<T> parameters(const T* p, size_t i) const { return load_first(p + i * lanes<T>, cols_ - i * lanes<T>); }

  T epsilon_;
  size_t gain_, shift_, cols_;
  Matrix<T> x_hat_;
  Buffer<T> inverse_;
};

/// The start of a residual connection, y = x: forward it does nothing, backward it adds the gradient of the
/// connection.
template <class T>
class Branch final : public Layer<T> {
 public:
  void forward(const Pass<T>&, Range, const Worker<T>&) override {}
  void backward(const Pass<T>&, Range rows, const Worker<T>&) override {
    each_vector<T>(
        rows, [](T* to, const T* a, const T* b) { store(to, load(a) + load(b)); }, *this->d_x, *this->d_y,
        *d_sum);
  }
  void tangent(const Pass<T>&, Range, const Worker<T>&) override {}

  Matrix<T>* d_sum = nullptr;  // the gradient at the other end
};

/// The end of a residual connection: y = x + the branch's input.
template <class T>
class Join final : public Layer<T> {
 public:
  explicit Join(Branch<T>& branch) : branch_(branch) {}

  void forward(const Pass<T>&, Range rows, const Worker<T>&) override {
    add(rows, *this->x, *branch_.x, *this->y);
  }
  void backward(const Pass<T>&, Range rows, const Worker<T>&) override {
    each_vector<T>(rows, [](T* to, const T* d) { store(to, load(d)); }, *this->d_x, *this->d_y);
  }
  void tangent(const Pass<T>&, Range rows, const Worker<T>&) override {
    add(rows, *this->t_x, *branch_.t_x, *this->t_y);
  }

 private:
  static void add(Range rows, Matrix<T>& a, Matrix<T>& b, Matrix<T>& sum) {
    each_vector<T>(rows, [](T* to, const T* u, const T* v) { store(to, load(u) + load(v)); }, sum, a, b);
  }

  Branch<T>& branch_;
};

}  // namespace deltaprop::DELTAPROP_TARGET
