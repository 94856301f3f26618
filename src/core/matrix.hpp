// A batch of rows, stored as panels of columns, so that products access memory sequentially.
#pragma once

#include <algorithm>
#include <memory>
#include <new>

#include "simd.hpp"

namespace deltaprop::DELTAPROP_TARGET {

/// Zeroed memory for n numbers, aligned to cache lines.
template <class T>
class Buffer {
 public:
  Buffer() = default;
  explicit Buffer(size_t n) : size_(n) {
    size_t bytes = (n * sizeof(T) + 127) / 64 * 64;
    data_.reset(static_cast<T*>(::operator new(bytes, std::align_val_t(64))));
    std::memset(static_cast<void*>(data_.get()), 0, bytes);
  }

  T* data() { return data_.get(); }
  const T* data() const { return data_.get(); }
  size_t size() const { return size_; }
  T& operator[](size_t i) { return data_[i]; }
  const T& operator[](size_t i) const { return data_[i]; }

 private:
  struct Delete {
    void operator()(T* p) const { ::operator delete(p, std::align_val_t(64)); }
  };
  std::unique_ptr<T[], Delete> data_;
  size_t size_ = 0;
};

/// A range of rows, columns or units.
struct Range {
  size_t begin = 0, end = 0;
  size_t size() const { return end > begin ? end - begin : 0; }
};

inline size_t round_up(size_t n, size_t multiple) { return (n + multiple - 1) / multiple * multiple; }

/// Part `index` of `count` equal parts of 0…n, cut at multiples of `grain`.
inline Range share(size_t n, size_t grain, size_t index, size_t count) {
  size_t pieces = (n + grain - 1) / grain;
  size_t begin = pieces * index / count * grain, end = pieces * (index + 1) / count * grain;
  return {begin < n ? begin : n, end < n ? end : n};
}

/// rows × cols numbers. A panel is two vectors wide, the last one possibly one; columns beyond `cols` are
/// padding with undefined content.
template <class T>
class Matrix {
 public:
  static constexpr size_t panel = 2 * lanes<T>;

  Matrix() = default;
  Matrix(size_t rows, size_t cols)
      : rows_(round_up(rows, lanes<T>)),
        cols_(cols),
        stride_((rows_ + 1) * panel),  // an extra row, so that panels are not a power of two apart
        buffer_(panels() * stride_) {}

  bool empty() const { return rows_ == 0; }
  size_t rows() const { return rows_; }
  size_t cols() const { return cols_; }
  static size_t panels_of(size_t cols) { return (cols + panel - 1) / panel; }
  size_t panels() const { return panels_of(cols_); }
  Range all_panels() const { return {0, panels()}; }
  /// Width of a panel in memory: the stride between rows.
  size_t width(size_t p) const { return cols_ - p * panel <= size_t(lanes<T>) ? lanes<T> : panel; }
  /// Columns of a panel that are in use.
  size_t used(size_t p) const { return cols_ - p * panel < panel ? cols_ - p * panel : panel; }

  T* at(size_t row, size_t p) { return buffer_.data() + p * stride_ + row * width(p); }
  const T* at(size_t row, size_t p) const { return buffer_.data() + p * stride_ + row * width(p); }
  /// Distance between the same row of two panels.
  size_t stride() const { return stride_; }
  T* data() { return buffer_.data(); }
  size_t offset(size_t row, size_t p) const { return p * stride_ + row * width(p); }
  T& operator()(size_t row, size_t col) { return at(row, col / panel)[col % panel]; }
  const T& operator()(size_t row, size_t col) const { return at(row, col / panel)[col % panel]; }

 private:
  size_t rows_ = 0, cols_ = 0, stride_ = 0;
  Buffer<T> buffer_;
};

/// Rows that pass through all layers together, so that each layer finds its input in the cache.
inline constexpr size_t row_block = 64;

template <class Body>
inline void by_blocks(Range rows, Body body) {
  for (size_t r = rows.begin; r < rows.end; r += row_block) body(Range{r, std::min(r + row_block, rows.end)});
}

/// Calls body(pointers…) for every vector of these rows, padding included; all matrices have one shape.
template <class T, class Body, class... M>
inline void each_vector(Range rows, Body body, Matrix<T>& first, M&... others) {
  // Addresses are computed once per panel: the compiler must assume that a store could move a matrix.
  auto panel = [&](size_t n, auto... vectors) {
    for (size_t i = 0; i < n; i += lanes<T>) body((vectors + i)...);
  };
  for (size_t p = 0; p < first.panels(); p++)
    panel(rows.size() * first.width(p), first.at(rows.begin, p), others.at(rows.begin, p)...);
}

/// Calls body(pointers to the vector at column `col` of each matrix) for every row; all matrices have one
/// shape.
template <class Body, class T, class... M>
inline void each_row(Range rows, size_t col, Body body, Matrix<T>& first, M&... others) {
  size_t p = col / Matrix<T>::panel, c = col % Matrix<T>::panel, step = first.width(p),
         n = rows.size() * step;
  [&](auto... vectors) {
    for (size_t i = 0; i < n; i += step) body((vectors + i)...);
  }(first.at(rows.begin, p) + c, (others.at(rows.begin, p) + c)...);
}

/// The plainest term of a sum.
inline constexpr auto itself = [](const auto* p) { return load(p); };

/// Σ over rows of term(pointers to the vector at column `col` of each matrix)
template <class T, class Term, class... M>
inline vec<T> column_sum(Range rows, size_t col, Term term, const Matrix<T>& first, const M&... others) {
  size_t p = col / Matrix<T>::panel, c = col % Matrix<T>::panel, step = first.width(p),
         n = rows.size() * step;
  return [&](auto... vectors) {
    vec<T> even{}, odd{};  // two independent sums hide the latency of addition
    size_t i = 0;
    for (; i + step < n; i += 2 * step) {
      even += term((vectors + i)...);
      odd += term((vectors + i + step)...);
    }
    if (i < n) even += term((vectors + i)...);
    return even + odd;
  }(first.at(rows.begin, p) + c, (others.at(rows.begin, p) + c)...);
}

/// Whether every number in these rows is finite.
template <class T>
inline bool all_finite(const Matrix<T>& m, Range rows) {
  vec<T> seen{};  // becomes NaN at the first non-finite value
  for (size_t p = 0; p < m.panels(); p++)
    for (size_t r = rows.begin; r < rows.end; r++)
      for (size_t c = 0; c < m.used(p); c += lanes<T>) {
        vec<T> v = load_first(m.at(r, p) + c, m.used(p) - c);
        seen += v - v;
      }
  return sum<T>(seen) == 0;
}

/// Copies a row-major array with leading dimension `ld` into rows of a matrix.
template <class T>
inline void copy_in(const T* source, size_t ld, Matrix<T>& m, Range rows) {
  for (size_t p = 0; p < m.panels(); p++)
    for (size_t r = rows.begin; r < rows.end; r++) {
      const T* from = source + r * ld + p * Matrix<T>::panel;
      T* to = m.at(r, p);
      for (size_t c = 0; c < m.width(p); c += lanes<T>) {
        size_t left = m.used(p) - c;
        store(to + c, load_first(from + c, left < size_t(lanes<T>) ? left : lanes<T>));
      }
    }
}

/// Copies rows of a matrix into a row-major array with leading dimension `ld`.
template <class T>
inline void copy_out(const Matrix<T>& m, Range rows, T* target, size_t ld) {
  for (size_t p = 0; p < m.panels(); p++)
    for (size_t r = rows.begin; r < rows.end; r++)
      std::memcpy(target + r * ld + p * Matrix<T>::panel, m.at(r, p), m.used(p) * sizeof(T));
}

}  // namespace deltaprop::DELTAPROP_TARGET
