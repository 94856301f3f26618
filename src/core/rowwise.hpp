// Layers that operate on whole samples: softmax; and the residual connection.
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
class Softmax final : public Symmetric<T> {
 public:
  void forward(const Pass<T>&, Range rows, const Worker<T>&) override { softmax(*this->x, rows, *this->y); }

 private:
  void jacobian(const Pass<T>&, Range rows, Matrix<T>& in, Matrix<T>& out) override {
    for (size_t r = rows.begin; r < rows.end; r++) {
      Row<T> v(in, r), a(*this->y, r), to(out, r);
      T along = row_sum<T>(a.vectors(), [&](size_t i) { return a.get(i) * v.get(i); });
      for (size_t i = 0; i < a.vectors(); i++) store(to[i], load(a[i]) * (load(v[i]) - along));
    }
  }

  /// With R{a} = t:  t ⊙ (d_a − Σ a d_a) − a Σ t d_a
  void r_jacobian(Range rows) override {
    for (size_t r = rows.begin; r < rows.end; r++) {
      Row<T> d(*this->d_y, r), a(*this->y, r), t(*this->t_y, r), to(*this->r_d_x, r);
      T along = row_sum<T>(a.vectors(), [&](size_t i) { return a.get(i) * d.get(i); });
      T change = row_sum<T>(a.vectors(), [&](size_t i) { return t.get(i) * d.get(i); });
      for (size_t i = 0; i < a.vectors(); i++)
        store(to[i], load(to[i]) + load(t[i]) * (load(d[i]) - along) - load(a[i]) * change);
    }
  }
};

/// sum = a + b
template <class T>
inline void add(Range rows, Matrix<T>& a, Matrix<T>& b, Matrix<T>& sum) {
  each_vector<T>(rows, [](T* to, const T* u, const T* v) { store(to, load(u) + load(v)); }, sum, a, b);
}

/// The start of a residual connection, y = x: forward it does nothing, backward it adds the gradient of the
/// connection.
template <class T>
class Branch final : public Layer<T> {
 public:
  void forward(const Pass<T>&, Range, const Worker<T>&) override {}
  void backward(const Pass<T>&, Range rows, const Worker<T>&) override {
    add(rows, *this->d_y, *end->d_y, *this->d_x);
  }
  void tangent(const Pass<T>&, Range, const Worker<T>&) override {}
  void r_backward(const Pass<T>& pass, Range rows, const Worker<T>& worker) override {
    backward(pass, rows, worker);
    add(rows, *this->r_d_y, *end->r_d_y, *this->r_d_x);
  }

  const Layer<T>* end = nullptr;  // of the connection
};

/// The end of a residual connection: y = x + the branch's input.
template <class T>
class Join final : public Layer<T> {
 public:
  explicit Join(Branch<T>& branch) : branch_(branch) {}

  void forward(const Pass<T>&, Range rows, const Worker<T>&) override {
    add(rows, *this->x, *branch_.x, *this->y);
  }
  void backward(const Pass<T>&, Range rows, const Worker<T>&) override { copy(rows, *this->d_y, *this->d_x); }
  void r_backward(const Pass<T>& pass, Range rows, const Worker<T>& worker) override {
    backward(pass, rows, worker);
    copy(rows, *this->r_d_y, *this->r_d_x);
  }
  void tangent(const Pass<T>&, Range rows, const Worker<T>&) override {
    add(rows, *this->t_x, *branch_.t_x, *this->t_y);
  }

 private:
  static void copy(Range rows, Matrix<T>& from, Matrix<T>& to) {
    each_vector<T>(rows, [](T* to, const T* d) { store(to, load(d)); }, to, from);
  }

  Branch<T>& branch_;
};

}  // namespace deltaprop::DELTAPROP_TARGET
