// Layers with one learned number for each unit: factors, and slopes of activations.
#pragma once

#include "activation.hpp"
#include "layer.hpp"

namespace deltaprop::DELTAPROP_TARGET {

/// What does not depend on the map. The parameter is `cols` numbers at `offset` of theta.
template <class T>
class Unitwise : public Layer<T> {
 public:
  Unitwise(size_t offset, size_t cols) : offset_(offset), cols_(cols) {}

  void each_place(const Worker<T>& worker, const std::function<void(const Place&)>& body) const override {
    Range mine = this->own_part(cols_, worker);
    if (mine.size() > 0) body(this->part_of(offset_, mine));
  }

 protected:
  /// body(column, numbers of the parameter, numbers of the direction) for every vector of units
  template <class Body>
  void each_column(const Pass<T>& pass, Body body) const {
    for (size_t c = 0; c < cols_; c += lanes<T>)
      body(c, load_first(this->own.theta + offset_ + c, cols_ - c),
           pass.direction ? load_first(pass.direction + offset_ + c, cols_ - c) : vec<T>{});
  }

  /// Passes Σ over the rows of term(…) to the sink, for the units of a piece.
  template <class Term, class... M>
  void give_sums(Range rows, size_t piece, const Worker<T>& worker, const Sink<T>& sink, Term term,
                 const M&... m) {
    this->give_columns(offset_, this->part(cols_, piece, worker.count), sink,
                       [&](size_t c) { return column_sum<T>(rows, c, term, m...); });
  }

  size_t offset_, cols_;
};

/// z = factor ⊙ x.   d_x = factor ⊙ d_z,  d_factor = Σ d_z ⊙ x
template <class T>
class LearnedScale final : public Unitwise<T> {
 public:
  using Unitwise<T>::Unitwise;

  void forward(const Pass<T>& pass, Range rows, const Worker<T>&) override {
    scale(pass, rows, *this->x, *this->y);
  }

  void backward(const Pass<T>& pass, Range rows, const Worker<T>&) override {
    if (this->wants_d_x) scale(pass, rows, *this->d_y, *this->d_x);
  }

  void tangent(const Pass<T>& pass, Range rows, const Worker<T>&) override {
    this->each_column(pass, [&](size_t c, vec<T> factor, vec<T> change) {
      auto along = [&](T* to, const T* t, const T* x) { store(to, factor * load(t) + change * load(x)); };
      each_row(rows, c, along, *this->t_y, *this->t_x, *this->x);
    });
  }

  void r_backward(const Pass<T>& pass, Range rows, const Worker<T>& worker) override {
    backward(pass, rows, worker);
    if (!this->wants_d_x) return;
    this->each_column(pass, [&](size_t c, vec<T> factor, vec<T> change) {
      auto along = [&](T* to, const T* r, const T* d) { store(to, factor * load(r) + change * load(d)); };
      each_row(rows, c, along, *this->r_d_x, *this->r_d_y, *this->d_y);
    });
  }

  void gradient(const Pass<T>&, Range rows, size_t piece, const Worker<T>& worker,
                const Sink<T>& sink) override {
    auto term = [](const T* d, const T* x) { return load(d) * load(x); };
    this->give_sums(rows, piece, worker, sink, term, *this->d_y, *this->x);
  }

  void r_gradient(const Pass<T>&, Range rows, size_t piece, const Worker<T>& worker,
                  const Sink<T>& sink) override {
    auto term = [](const T* r, const T* x, const T* d, const T* t) {
      return load(r) * load(x) + load(d) * load(t);
    };
    this->give_sums(rows, piece, worker, sink, term, *this->r_d_y, *this->x, *this->d_y, *this->t_x);
  }

  void sample_gradient(const Pass<T>&, size_t r, T* grad) override {
    for (size_t c = 0; c < cols_; c++) grad[offset_ + c] = (*this->d_y)(r, c) * (*this->x)(r, c);
  }

 private:
  using Unitwise<T>::offset_, Unitwise<T>::cols_;

  void scale(const Pass<T>& pass, Range rows, Matrix<T>& in, Matrix<T>& out) const {
    this->each_column(pass, [&](size_t c, vec<T> factor, vec<T>) {
      each_row(rows, c, [&](T* to, const T* v) { store(to, factor * load(v)); }, out, in);
    });
  }
};

/// a = z + slope ⊙ (f(z) − z).   d_z = d_a ⊙ (1 + slope ⊙ (f′(z) − 1)),  d_slope = Σ d_a ⊙ (f(z) − z)
template <class T>
class ParametricActivation final : public Unitwise<T> {
 public:
  ParametricActivation(Function function, T alpha, size_t slope, size_t rows, size_t cols)
      : Unitwise<T>(slope, cols), function_(function), alpha_(alpha), f_(rows, cols) {}

  void forward(const Pass<T>& pass, Range rows, const Worker<T>&) override {
    each_unit(pass, [&](auto f, size_t c, vec<T> slope, vec<T>) {
      auto bend = [&](T* a, T* to, const T* from) {
        vec<T> z = load(from), value = f.f(z);
        store(to, value);
        store(a, z + slope * (value - z));
      };
      each_row(rows, c, bend, *this->y, f_, *this->x);
    });
  }

  void backward(const Pass<T>& pass, Range rows, const Worker<T>&) override {
    if (!this->wants_d_x) return;
    each_unit(pass, [&](auto f, size_t c, vec<T> slope, vec<T>) {
      auto back = [&](T* to, const T* d, const T* z, const T* a) {
        store(to, load(d) * (T(1) + slope * (f.df(load(z), load(a)) - T(1))));
      };
      each_row(rows, c, back, *this->d_x, *this->d_y, *this->x, f_);
    });
  }

  void tangent(const Pass<T>& pass, Range rows, const Worker<T>&) override {
    each_unit(pass, [&](auto f, size_t c, vec<T> slope, vec<T> change) {
      auto along = [&](T* to, const T* t, const T* from, const T* a) {
        vec<T> z = load(from), value = load(a);
        store(to, (T(1) + slope * (f.df(z, value) - T(1))) * load(t) + change * (value - z));
      };
      each_row(rows, c, along, *this->t_y, *this->t_x, *this->x, f_);
    });
  }

  /// R{d_z} = R{d_a} (1 + slope (f′ − 1)) + d_a (R{slope} (f′ − 1) + slope f″ R{z})
  void r_backward(const Pass<T>& pass, Range rows, const Worker<T>& worker) override {
    backward(pass, rows, worker);
    if (!this->wants_d_x) return;
    each_unit(pass, [&](auto f, size_t c, vec<T> slope, vec<T> change) {
      auto back = [&](T* to, const T* r, const T* d, const T* t, const T* from, const T* a) {
        vec<T> z = load(from), value = load(a), bend = f.df(z, value) - T(1);
        store(to, load(r) * (T(1) + slope * bend) +
                      load(d) * (change * bend + slope * f.d2f(z, value) * load(t)));
      };
      each_row(rows, c, back, *this->r_d_x, *this->r_d_y, *this->d_y, *this->t_x, *this->x, f_);
    });
  }

  void gradient(const Pass<T>&, Range rows, size_t piece, const Worker<T>& worker,
                const Sink<T>& sink) override {
    auto term = [](const T* d, const T* a, const T* z) { return load(d) * (load(a) - load(z)); };
    this->give_sums(rows, piece, worker, sink, term, *this->d_y, f_, *this->x);
  }

  void r_gradient(const Pass<T>&, Range rows, size_t piece, const Worker<T>& worker,
                  const Sink<T>& sink) override {
    with_function<T>(function_, alpha_, [&](auto f) {
      auto term = [&](const T* r, const T* d, const T* t, const T* from, const T* a) {
        vec<T> z = load(from), value = load(a);
        return load(r) * (value - z) + load(d) * (f.df(z, value) - T(1)) * load(t);
      };
      this->give_sums(rows, piece, worker, sink, term, *this->r_d_y, *this->d_y, *this->t_x, *this->x, f_);
    });
  }

  void sample_gradient(const Pass<T>&, size_t r, T* grad) override {
    for (size_t c = 0; c < cols_; c++) grad[offset_ + c] = (*this->d_y)(r, c) * (f_(r, c) - (*this->x)(r, c));
  }

 private:
  using Unitwise<T>::offset_, Unitwise<T>::cols_;

  /// body(f, column, slopes, their direction) for every vector of units
  template <class Body>
  void each_unit(const Pass<T>& pass, Body body) const {
    with_function<T>(function_, alpha_, [&](auto f) {
      this->each_column(pass, [&](size_t c, vec<T> slope, vec<T> change) { body(f, c, slope, change); });
    });
  }

  Function function_;
  T alpha_;
  Matrix<T> f_;
};

}  // namespace deltaprop::DELTAPROP_TARGET
