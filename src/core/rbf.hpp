// a_j = exp(−‖x − c_j‖² / (2 s_j²)).   With g = d_a ⊙ a / s²:
//   d_c_j = Σ g_j (x − c_j),   d_log_s_j = Σ g_j r²_j,   d_x = −Σ_j g_j (x − c_j)
#pragma once

#include "layer.hpp"
#include "vector_math.hpp"

namespace deltaprop::DELTAPROP_TARGET {

template <class T>
class Rbf final : public Layer<T> {
 public:
  Rbf(size_t inputs, size_t units, size_t centre, size_t log_width, size_t rows)
      : inputs_(inputs),
        units_(units),
        centre_(centre),
        log_width_(log_width),
        scaled_(rows, units),
        g_(rows, units),
        centres_(units, inputs) {}

  void make_second() override {
    r_g_ = Matrix<T>(g_.rows(), units_);
    r_centres_ = Matrix<T>(units_, inputs_);
  }
  void fetch_direction(const Pass<T>& pass, const Worker<T>& worker) override {
    if (pass.second) copy_in(pass.direction + centre_, inputs_, r_centres_, this->own_part(units_, worker));
  }

  void fetch(const Worker<T>& worker) override { refresh(worker); }
  void refresh(const Worker<T>& worker) override { refresh(this->own_part(units_, worker)); }

  void forward(const Pass<T>&, Range rows, const Worker<T>&) override {
    for (size_t r = rows.begin; r < rows.end; r++)
      for (size_t u = 0; u < units_; u++) scaled_(r, u) = squared_distance(r, u);
    for (size_t c = 0; c < units_; c += lanes<T>) {
      vec<T> p = precision(c);
      auto gaussian = [&](T* s, T* a) {
        vec<T> v = load(s) * p;
        store(s, v);
        store(a, exponential<T>(T(-0.5) * v));
      };
      each_row(rows, c, gaussian, scaled_, *this->y);
    }
  }

  void backward(const Pass<T>&, Range rows, const Worker<T>&) override {
    for (size_t c = 0; c < units_; c += lanes<T>) {
      vec<T> p = precision(c);
      auto scale = [&](T* g, const T* d, const T* a) { store(g, load(d) * load(a) * p); };
      each_row(rows, c, scale, g_, *this->d_y, *this->y);
    }
    if (!this->wants_d_x) return;
    product(g_, rows, centres_, *this->d_x);
    subtract_inputs(g_, rows, *this->x, *this->d_x);
  }

  /// With d_a a = ∂E/∂exponent, R{a} = t_y and p = 1 / s²:
  ///   R{g} = (R{d_a} a + d_a R{a} − 2 R{log s} d_a a) p
  void r_backward(const Pass<T>& pass, Range rows, const Worker<T>& worker) override {
    backward(pass, rows, worker);
    for (size_t c = 0; c < units_; c += lanes<T>) {
      vec<T> p = precision(c), d_log = load_first(pass.direction + log_width_ + c, units_ - c);
      auto change = [&](T* to, const T* g, const T* d, const T* r_d, const T* a, const T* t) {
        store(to, (load(r_d) * load(a) + load(d) * load(t)) * p - T(2) * d_log * load(g));
      };
      each_row(rows, c, change, r_g_, g_, *this->d_y, *this->r_d_y, *this->y, *this->t_y);
    }
    if (!this->wants_d_x) return;
    product(r_g_, rows, centres_, *this->r_d_x);
    product(g_, rows, r_centres_, *this->r_d_x, true);
    subtract_inputs(r_g_, rows, *this->x, *this->r_d_x);
    subtract_inputs(g_, rows, *this->t_x, *this->r_d_x);
  }

  void gradient(const Pass<T>&, Range rows, size_t piece, const Worker<T>& worker,
                const Sink<T>& sink) override {
    Range units = this->part(units_, piece, worker.count);
    for (size_t u = units.begin; u < units.end; u += lanes<T>) {
      Range few{u, std::min(u + lanes<T>, units.end)};
      give_centres(few, g_, *this->x, this->own.theta, rows, sink);
      auto along = [](const T* d, const T* a, const T* s) { return load(d) * load(a) * load(s); };
      give_widths(few, column_sum<T>(rows, u, along, *this->d_y, *this->y, scaled_), sink);
    }
    if (sink.update) refresh(units);
  }

  /// R{d_c} = Σ R{g} (x − c) + Σ g (R{x} − R{c}),   R{d_log_s} = Σ R{d_a a} r²/s² − 2 d_a R{a}
  void r_gradient(const Pass<T>& pass, Range rows, size_t piece, const Worker<T>& worker,
                  const Sink<T>& sink) override {
    Range units = this->part(units_, piece, worker.count);
    for (size_t u = units.begin; u < units.end; u += lanes<T>) {
      Range few{u, std::min(u + lanes<T>, units.end)};
      give_centres(few, r_g_, *this->x, this->own.theta, rows, sink);
      give_centres(few, g_, *this->t_x, pass.direction, rows, {nullptr, nullptr, true});
      auto along = [](const T* d, const T* r_d, const T* a, const T* t, const T* s) {
        return (load(r_d) * load(a) + load(d) * load(t)) * load(s) - T(2) * load(d) * load(t);
      };
      give_widths(few, column_sum<T>(rows, u, along, *this->d_y, *this->r_d_y, *this->y, *this->t_y, scaled_),
                  sink);
    }
  }

  void each_place(const Worker<T>& worker, const std::function<void(const Place&)>& body) const override {
    Range units = this->own_part(units_, worker);
    if (units.size() == 0) return;
    body(this->part_of(centre_, {units.begin * inputs_, units.end * inputs_}));
    body(this->part_of(log_width_, units));
  }

  void sample_gradient(const Pass<T>&, size_t r, T* grad) override {
    for (size_t u = 0; u < units_; u++) {
      T g = g_(r, u);
      for (size_t k = 0; k < inputs_; k++)
        grad[centre_ + u * inputs_ + k] = g * ((*this->x)(r, k) - this->own.theta[centre_ + u * inputs_ + k]);
      grad[log_width_ + u] = (*this->d_y)(r, u) * (*this->y)(r, u) * scaled_(r, u);
    }
  }

  void tangent(const Pass<T>& pass, Range rows, const Worker<T>&) override {
    const T *c = this->own.theta + centre_, *d_c = pass.direction + centre_;
    for (size_t r = rows.begin; r < rows.end; r++)
      for (size_t u = 0; u < units_; u++) {
        T approach = 0;  // (x − c)·(d_x − d_c)
        for (size_t j = 0; j < inputs_; j++)
          approach += ((*this->x)(r, j) - c[u * inputs_ + j]) * ((*this->t_x)(r, j) - d_c[u * inputs_ + j]);
        T precision = std::exp(-2 * this->own.theta[log_width_ + u]);
        (*this->t_y)(r, u) =
            (*this->y)(r, u) * (scaled_(r, u) * pass.direction[log_width_ + u] - approach * precision);
      }
  }

 private:
  void refresh(Range units) { copy_in(this->own.theta + centre_, inputs_, centres_, units); }

  /// Σ g (x − c) of a vector's worth of units, with their centres c in a vector of theta's layout.
  void give_centres(Range units, const Matrix<T>& g, const Matrix<T>& x, const T* c, Range rows,
                    const Sink<T>& sink) {
    alignas(64) T tile[tile_columns<T> * Matrix<T>::panel], totals[lanes<T>];
    store(totals, column_sum<T>(rows, units.begin, itself, g));
    for (size_t p = 0; p < x.panels(); p++)
      for (size_t v = units.begin; v < units.end; v += tile_columns<T>) {
        size_t m = std::min(units.end - v, tile_columns<T>);
        Place place{centre_ + v * inputs_ + p * Matrix<T>::panel, inputs_, m, x.used(p), centre_, false};
        tile_by_columns<T>(int(m), x.width(p) == Matrix<T>::panel, g, rows, v, x.at(rows.begin, p), nullptr,
                           0, tile);
        for (size_t i = 0; i < m; i++)
          for (size_t j = 0; j < x.used(p); j++)
            tile[i * x.width(p) + j] -= totals[v - units.begin + i] * c[place.offset + i * inputs_ + j];
        this->give(sink, tile, x.width(p), place);
      }
  }

  void give_widths(Range units, vec<T> sums, const Sink<T>& sink) {
    alignas(64) T widths[lanes<T>];
    store(widths, sums);
    this->give(sink, widths, units.size(), this->part_of(log_width_, units));
  }

  /// out −= x Σ_u g
  void subtract_inputs(const Matrix<T>& g, Range rows, const Matrix<T>& x, Matrix<T>& out) const {
    for (size_t r = rows.begin; r < rows.end; r++) {
      T total = 0;
      for (size_t u = 0; u < units_; u++) total += g(r, u);
      for (size_t c = 0; c < inputs_; c++) out(r, c) -= total * x(r, c);
    }
  }

  vec<T> precision(size_t c) const {
    return exponential<T>(T(-2) * load_first(this->own.theta + log_width_ + c, units_ - c));
  }

  T squared_distance(size_t r, size_t u) const {
    const T* centre = this->own.theta + centre_ + u * inputs_;
    vec<T> total{};
    for (size_t p = 0; p < this->x->panels(); p++)
      for (size_t c = 0; c < this->x->used(p); c += lanes<T>) {
        size_t left = this->x->used(p) - c;
        vec<T> d =
            load_first(this->x->at(r, p) + c, left) - load_first(centre + p * Matrix<T>::panel + c, left);
        total += d * d;
      }
    return sum<T>(total);
  }

  size_t inputs_, units_, centre_, log_width_;
  Matrix<T> scaled_, g_, centres_, r_g_, r_centres_;
};

}  // namespace deltaprop::DELTAPROP_TARGET
