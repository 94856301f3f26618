// a_j = exp(−‖x − c_j‖² / (2 s_j²)).   With g = d_a ⊙ a / s²:
//   d_c_j = Σ g_j (x − c_j),   d_log_s_j = Σ g_j r²_j,   d_x = −Σ_j g_j (x − c_j)
#pragma once

#include "dense.hpp"
#include "vector_math.hpp"

namespace deltaprop::DELTAPROP_TARGET {

template <class T>
class Rbf final : public Layer<T> {
 public:
  Rbf(size_t inputs, size_t units, size_t centre, size_t log_width, size_t slot, size_t rows)
      : inputs_(inputs), units_(units), centre_(centre), log_width_(log_width), slot_(slot), scaled_(rows, units),
        g_(rows, units), centres_(units, inputs, true) {}

  void pack(const Pass<T>& pass, const Worker<T>& worker) override {
    for (size_t p = 0; p < centres_.plain().panels(); p++) centres_.pack(pass.theta + centre_, own(worker), p);
  }

  void forward(const Pass<T>& pass, Range rows, const Worker<T>&) override {
    for (size_t r = rows.begin; r < rows.end; r++)
      for (size_t u = 0; u < units_; u++) scaled_(r, u) = squared_distance(pass.theta, r, u);
    for (size_t c = 0; c < units_; c += lanes<T>) {
      vec<T> p = precision(pass.theta, c);
      columns(rows, c, [&](T* s, T* a) {
        vec<T> v = load(s) * p;
        store(s, v);
        store(a, exponential<T>(T(-0.5) * v));
      }, scaled_, *this->y);
    }
  }

  void backward(const Pass<T>& pass, Range rows, const Worker<T>&) override {
    for (size_t c = 0; c < units_; c += lanes<T>) {
      vec<T> p = precision(pass.theta, c);
      columns(rows, c, [&](T* g, const T* d, const T* a) { store(g, load(d) * load(a) * p); }, g_, *this->d_y, *this->y);
    }
    if (!this->wants_d_x) return;
    product(g_, rows, centres_.plain(), *this->d_x);
    for (size_t r = rows.begin; r < rows.end; r++) {
      T total = 0;
      for (size_t u = 0; u < units_; u++) total += g_(r, u);
      for (size_t c = 0; c < inputs_; c++) (*this->d_x)(r, c) -= total * (*this->x)(r, c);
    }
  }

  void gradient(const Pass<T>& pass, Range rows, const Worker<T>& worker, Sink<T>& sink) override {
    const Matrix<T>& x = *this->x;
    alignas(64) T tile[tile_rows * Matrix<T>::panel], totals[lanes<T>], widths[lanes<T>];
    Range units = own(worker);
    for (size_t u = units.begin; u < units.end; u += lanes<T>) {
      size_t n = units.end - u < size_t(lanes<T>) ? units.end - u : lanes<T>;
      store(totals, column_sum<T>(rows, u, [](const T* g) { return load(g); }, g_));
      auto along = [](const T* d, const T* a, const T* s) { return load(d) * load(a) * load(s); };
      store(widths, column_sum<T>(rows, u, along, *this->d_y, *this->y, scaled_));
      for (size_t p = 0; p < x.panels(); p++)
        for (size_t v = u; v < u + n; v += tile_rows) {
          size_t m = u + n - v < size_t(tile_rows) ? u + n - v : tile_rows;
          Place place{centre_ + v * inputs_ + p * Matrix<T>::panel, inputs_, m, x.used(p), false};
          tile_by_columns<T>(int(m), x.width(p) == Matrix<T>::panel, g_, rows, v, x.at(rows.begin, p), tile);
          for (size_t i = 0; i < m; i++)
            for (size_t j = 0; j < x.used(p); j++)
              tile[i * x.width(p) + j] -= totals[v - u + i] * pass.theta[place.offset + i * inputs_ + j];
          sink.take(tile, x.width(p), place, slot_);
        }
      sink.take(widths, n, {log_width_ + u, n, 1, n, false}, slot_);
    }
    if (sink.update)
      for (size_t p = 0; p < x.panels(); p++) centres_.pack(pass.theta + centre_, units, p);
  }

  void tangent(const Pass<T>& pass, Range rows, const Worker<T>&) override {
    const T *c = pass.theta + centre_, *d_c = pass.direction + centre_;
    for (size_t r = rows.begin; r < rows.end; r++)
      for (size_t u = 0; u < units_; u++) {
        T approach = 0;  // (x − c)·(d_x − d_c)
        for (size_t j = 0; j < inputs_; j++)
          approach += ((*this->x)(r, j) - c[u * inputs_ + j]) * ((*this->t_x)(r, j) - d_c[u * inputs_ + j]);
        T precision = std::exp(-2 * pass.theta[log_width_ + u]);
        (*this->t_y)(r, u) = (*this->y)(r, u) * (scaled_(r, u) * pass.direction[log_width_ + u] - approach * precision);
      }
  }

 private:
  Range own(const Worker<T>& worker) const { return share(units_, lanes<T>, worker.index, worker.count); }

  vec<T> precision(const T* theta, size_t c) const {
    return exponential<T>(T(-2) * load_first(theta + log_width_ + c, units_ - c));
  }

  template <class Body, class... M>
  static void columns(Range rows, size_t col, Body body, M&... m) {
    for (size_t r = rows.begin; r < rows.end; r++) body((m.at(r, col / Matrix<T>::panel) + col % Matrix<T>::panel)...);
  }

  T squared_distance(const T* theta, size_t r, size_t u) const {
    const T* centre = theta + centre_ + u * inputs_;
    vec<T> total{};
    for (size_t p = 0; p < this->x->panels(); p++)
      for (size_t c = 0; c < this->x->used(p); c += lanes<T>) {
        size_t left = this->x->used(p) - c;
        vec<T> d = load_first(this->x->at(r, p) + c, left) - load_first(centre + p * Matrix<T>::panel + c, left);
        total += d * d;
      }
    return sum<T>(total);
  }

  size_t inputs_, units_, centre_, log_width_, slot_;
  Matrix<T> scaled_, g_;
  Packed<T> centres_;
};

}  // namespace deltaprop::DELTAPROP_TARGET
