// Single columns of a batch, for layers that treat columns differently.
#pragma once

#include "matrix.hpp"

namespace deltaprop::DELTAPROP_TARGET {

/// One column from a row on; a vector of it holds lanes<T> rows.
template <class T>
class Column {
 public:
  Column(Matrix<T>& m, size_t row, size_t col) : at_(&m(row, col)), step_(m.width(col / Matrix<T>::panel)) {}

  T& operator[](size_t i) const { return at_[i * step_]; }
  /// The first n rows; the other lanes are zero.
  vec<T> get(size_t n = lanes<T>) const {
    vec<T> v{};
    if (n >= size_t(lanes<T>))
      for (int i = 0; i < lanes<T>; i++) v[i] = at_[size_t(i) * step_];
    else
      for (size_t i = 0; i < n; i++) v[int(i)] = at_[i * step_];
    return v;
  }
  /// Rows beyond those of the batch are padding.
  void set(vec<T> v) const {
    for (int i = 0; i < lanes<T>; i++) at_[size_t(i) * step_] = v[i];
  }

 private:
  T* at_;
  size_t step_;
};

/// Columns c … c + n − 1 of one matrix become columns d … of another.
template <class T>
inline void copy_columns(Range rows, Matrix<T>& from, size_t c, size_t n, Matrix<T>& to, size_t d) {
  if (rows.size() == 0) return;
  for (size_t i = 0; i < n; i++) {
    Column<T> source(from, rows.begin, c + i), target(to, rows.begin, d + i);
    for (size_t r = 0; r < rows.size(); r++) target[r] = source[r];
  }
}

}  // namespace deltaprop::DELTAPROP_TARGET
