// Inputs that mostly equal one fill value f, such as the background of an image.
//
// Samples are gathered as x − f, which is mostly zeros, and the first layer multiplies only the rest:
//   z = (x − f) wᵀ + f Σ_k w_k + b      d_w = d_zᵀ (x − f) + f d_b
#pragma once

#include <vector>

#include "gemm.hpp"
#include "sparse.hpp"

namespace deltaprop::DELTAPROP_TARGET {

template <class T>
class SparseInputs {
 public:
  SparseInputs(size_t inputs, size_t units, size_t rows, size_t threads)
      : inputs_(inputs),
        by_row_(round_up(rows, lanes<T>), round_up(inputs, lanes<T>), (inputs + segment - 1) / segment),
        sums_(Matrix<T>::panels_of(inputs), units) {
    for (size_t t = 0; t < threads; t++) parts_.emplace_back(round_up(units, Matrix<T>::panel), rows);
  }

  // Forward: lists of rows.

  /// z = x wᵀ + start if x is sparse enough, else returns false; `w` holds wᵀ.
  bool forward(const Matrix<T>& x, Range rows, const Matrix<T>& w, const T* start, Matrix<T>& z) {
    size_t count = 0;
    for (size_t r = rows.begin; r < rows.end; r++) {
      by_row_.take_row(x, r, segment);
      count += by_row_.count(r);
    }
    if (double(count) > dense_from * double(rows.size() * inputs_)) return false;
    by_groups(z, z.all_panels(), [&](size_t p, auto n, auto vectors) {
      for (size_t s = 0; s * segment < inputs_; s++)
        for (size_t r = rows.begin; r < rows.end; r++) {
          Range part = by_row_.segment(r, s);
          PanelRow<T> to{z.at(r, p), z.stride()};
          PanelRow<const T> from{to.first, to.step};
          if (s == 0) from = {start + p * Matrix<T>::panel, Matrix<T>::panel};
          sparse_row<T, n, vectors>(by_row_.values(r) + part.begin, by_row_.indices(r) + part.begin,
                                    part.size(), {w.at(0, p), w.stride()}, from, to);
        }
    });
    return true;
  }

  /// The start of every row of z: b + f Σ_k w_k. Kept until `changed_weights` or `take_fill_value`.
  const T* start(const Matrix<T>& w, T fill_value, size_t thread) {
    Part& part = parts_[thread];
    if (part.started) return part.start.data();
    Range pieces{0, Matrix<T>::panels_of(inputs_)};
    for (size_t u = 0; u < w.cols(); u += lanes<T>) {
      vec<T> b = load(&w(inputs_, u));
      store(&part.start[u], fill_value == 0 ? b : b + fill_value * column_sum<T>(pieces, u, itself, sums_));
    }
    part.started = true;
    return part.start.data();
  }

  void changed_weights(size_t thread) { parts_[thread].started = false; }

  /// Sums up these rows of panel q of wᵀ, at most a panel of them.
  void add_up(const Matrix<T>& w, Range rows, size_t q) {
    for (size_t c = 0; c < w.width(q); c += lanes<T>) {
      vec<T> total{};
      for (size_t k = rows.begin; k < rows.end; k++) total += load(w.at(k, q) + c);
      store(sums_.at(rows.begin / Matrix<T>::panel, q) + c, total);
    }
  }

  // Gradient: lists of columns.

  /// Lists the columns of panel p of x; returns whether they are sparse enough.
  bool take_columns(const Matrix<T>& x, Range rows, size_t p, size_t thread) {
    Lists<T>& lists = parts_[thread].by_column;
    lists.take_columns(x, rows, p);
    size_t count = 0;
    for (size_t c = 0; c < x.used(p); c++) count += lists.count(c);
    return double(count) <= dense_from * double(rows.size() * x.used(p));
  }

  /// Prepares the start of every row of d_wᵀ: f d_b.
  void take_fill_value(const Matrix<T>& d_z, Range rows, T fill_value, size_t thread) {
    parts_[thread].started = false;
    for (size_t u = 0; u < d_z.cols(); u += lanes<T>) {
      vec<T> d_b = fill_value == 0 ? vec<T>{} : fill_value * column_sum<T>(rows, u, itself, d_z);
      store(&parts_[thread].start[u], d_b);
    }
  }
  const T* fill_value(size_t q, size_t thread) const {
    return parts_[thread].start.data() + q * Matrix<T>::panel;
  }

  /// body(q, tile) for these panels q of d_z: the tile is the listed panel of x, transposed, times panel q of
  /// d_z, plus f d_b: n rows of d_wᵀ.
  template <class Body>
  void tiles(const Matrix<T>& d_z, size_t n, Range panels, size_t thread, Body body) const {
    constexpr size_t panel = Matrix<T>::panel;
    const Lists<T>& lists = parts_[thread].by_column;
    alignas(64) T tiles[group * panel * panel];
    by_groups(d_z, panels, [&](size_t q, auto count, auto width) {
      for (size_t i = 0; i < n; i++)
        sparse_row<T, count, width>(lists.values(i), lists.indices(i), lists.count(i),
                                    {d_z.at(0, q), d_z.stride()}, {fill_value(q, thread), panel},
                                    {tiles + i * d_z.width(q), panel * panel});
      for (int k = 0; k < count; k++) body(q + k, tiles + k * panel * panel);
    });
  }

 private:
  /// Panels that are multiplied at a time: a number of the list is loaded once for all of them.
  static constexpr int group = 4;
  /// Rows of a group of wᵀ that stay in the first-level cache while all samples use them.
  static constexpr size_t segment = (16 << 10) / (group * Matrix<T>::panel * sizeof(T));
  static_assert(segment % Matrix<T>::panel == 0);

  /// body(p, n, vectors) for groups of n panels from p on, each of so many vectors: n and vectors are
  /// constants.
  template <class Body>
  static void by_groups(const Matrix<T>& m, Range panels, Body body) {
    constexpr std::integral_constant<int, 1> one;
    constexpr std::integral_constant<int, 2> two;
    constexpr std::integral_constant<int, group> many;
    auto full = [&](size_t p) { return m.width(p) == Matrix<T>::panel; };
    size_t p = panels.begin;
    for (; p + group <= panels.end && full(p + group - 1); p += group) body(p, many, two);
    for (; p < panels.end; p++) full(p) ? body(p, one, two) : body(p, one, one);
  }

  /// Share of non-zero numbers above which the dense product is faster.
  static constexpr double dense_from = 0.4;

  struct Part {
    Buffer<T> start;  // of rows of z, or of d_wᵀ
    bool started = false;
    Lists<T> by_column;
    Part(size_t units, size_t rows) : start(units), by_column(Matrix<T>::panel, round_up(rows, lanes<T>)) {}
  };

  size_t inputs_;
  Lists<T> by_row_;
  Matrix<T> sums_;  // row i: of the weights of the inputs in panel i of x
  std::vector<Part> parts_;
};

}  // namespace deltaprop::DELTAPROP_TARGET
