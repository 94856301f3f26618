// Matrix products. One kernel serves all three of backpropagation: it accumulates a tile of tile_rows rows
// and one panel of columns in registers while it reads the right factor's panel sequentially.
//
//   z   = x wᵀ     left x,       right wᵀ packed as (d_in × units)
//   d_x = d_z w    left d_z,     right w packed as (units × d_in)
//   d_w = d_zᵀ x   left d_z read by columns, right x
#pragma once

#include "matrix.hpp"

namespace deltaprop::DELTAPROP_TARGET {

/// sums[r][j] += a[r · row_step + k · k_step] · b[k][j] for k = 0…n−1
template <class T, int R, int N>
inline __attribute__((always_inline)) void accumulate(vec<T> (&sums)[R][N], const T* a, size_t row_step,
                                                      size_t k_step, const T* b, size_t n) {
  for (size_t k = 0; k < n; k++, a += k_step, b += N * lanes<T>) {
    vec<T> right[N];
    for (int j = 0; j < N; j++) right[j] = load(b + j * lanes<T>);
    for (int r = 0; r < R; r++)
      for (int j = 0; j < N; j++) sums[r][j] += a[r * row_step] * right[j];
  }
}

/// Row r starts from start + r · step, or from zeros where start is nullptr.
template <class T, int R, int N>
inline __attribute__((always_inline)) void begin(vec<T> (&sums)[R][N], const T* start, size_t step) {
  for (int r = 0; r < R; r++)
    for (int j = 0; j < N; j++) sums[r][j] = start ? load(start + r * step + j * lanes<T>) : vec<T>{};
}

template <class T, int R, int N>
inline __attribute__((always_inline)) void write(const vec<T> (&sums)[R][N], T* c) {
  for (int r = 0; r < R; r++)
    for (int j = 0; j < N; j++) store(c + (r * N + j) * lanes<T>, sums[r][j]);
}

/// c (R × panel) = start (see `begin`) + rows `row`…`row`+R−1 of these panels of a times b
template <class T, int R, int N>
__attribute__((noinline)) void tile_by_rows(const Matrix<T>& a, size_t row, Range panels, const T* b,
                                            const T* start, size_t step, T* c) {
  vec<T> sums[R][N];
  begin<T, R, N>(sums, start, step);
  for (size_t p = panels.begin; p < panels.end; p++) {
    if (a.width(p) == Matrix<T>::panel)
      accumulate<T, R, N>(sums, a.at(row, p), Matrix<T>::panel, 1, b, a.used(p));
    else
      accumulate<T, R, N>(sums, a.at(row, p), lanes<T>, 1, b, a.used(p));
    b += a.used(p) * N * lanes<T>;
  }
  write<T, R, N>(sums, c);
}

/// c (R × panel) = start (see `begin`) + columns `col`…`col`+R−1 of a, transposed, times b, both over `rows`;
/// all R in one panel of a
template <class T, int R, int N>
__attribute__((noinline)) void tile_by_columns(const Matrix<T>& a, Range rows, size_t col, const T* b,
                                               const T* start, size_t step, T* c) {
  vec<T> sums[R][N];
  begin<T, R, N>(sums, start, step);
  size_t p = col / Matrix<T>::panel;
  const T* first = a.at(rows.begin, p) + col % Matrix<T>::panel;
  if (a.width(p) == Matrix<T>::panel)
    accumulate<T, R, N>(sums, first, 1, Matrix<T>::panel, b, rows.size());
  else
    accumulate<T, R, N>(sums, first, 1, lanes<T>, b, rows.size());
  write<T, R, N>(sums, c);
}

template <class T, int R = tile_rows>
inline void tile_by_rows(int rows, bool wide, const Matrix<T>& a, size_t row, Range panels, const T* b,
                         const T* start, size_t step, T* c) {
  if (rows == R)
    wide ? tile_by_rows<T, R, 2>(a, row, panels, b, start, step, c)
         : tile_by_rows<T, R, 1>(a, row, panels, b, start, step, c);
  else if constexpr (R > 1)
    tile_by_rows<T, R - 1>(rows, wide, a, row, panels, b, start, step, c);
}

/// Columns of a that tile_by_columns takes: equal parts of a panel.
template <class T>
inline constexpr size_t tile_columns = [] {
  constexpr size_t panel = Matrix<T>::panel, tiles = (panel + tile_rows - 1) / tile_rows;
  return (panel + tiles - 1) / tiles;
}();

template <class T, int R = int(tile_columns<T>)>
inline void tile_by_columns(int cols, bool wide, const Matrix<T>& a, Range rows, size_t col, const T* b,
                            const T* start, size_t step, T* c) {
  if (cols == R)
    wide ? tile_by_columns<T, R, 2>(a, rows, col, b, start, step, c)
         : tile_by_columns<T, R, 1>(a, rows, col, b, start, step, c);
  else if constexpr (R > 1)
    tile_by_columns<T, R - 1>(cols, wide, a, rows, col, b, start, step, c);
}

/// tile_by_columns for a narrow b (U columns in use): vectors run along the columns of a instead.
template <class T, int U>
__attribute__((noinline)) void narrow_tile(const Matrix<T>& a, Range rows, size_t col, const T* b,
                                           const T* start, size_t step, T* c) {
  constexpr size_t L = lanes<T>;
  size_t p = col / Matrix<T>::panel, width = a.width(p);
  const T* left = a.at(rows.begin, p) + col % Matrix<T>::panel;
  vec<T> even[U], odd[U], block[L];  // two independent sums hide the latency of addition
  for (int u = 0; u < U; u++)
    even[u] = odd[u] = vec<T>{};  // GCC would clear whole arrays by a slow instruction
  size_t r = 0;
  for (; r + 1 < rows.size(); r += 2) {
    vec<T> first = load(left + r * width), second = load(left + (r + 1) * width);
    for (int u = 0; u < U; u++) even[u] += first * b[r * L + u], odd[u] += second * b[(r + 1) * L + u];
  }
  if (r < rows.size())
    for (int u = 0; u < U; u++) even[u] += load(left + r * width) * b[r * L + u];
  for (size_t i = 0; i < L; i++) block[i] = i < U ? even[i] + odd[i] : vec<T>{};
  transpose<T>(block);
  for (size_t i = 0; i < L; i++) store(c + i * L, start ? block[i] + load(start + i * step) : block[i]);
}

/// Columns of b up to which narrow_tile is faster.
template <class T>
inline constexpr size_t narrow = lanes<T> < 4 ? lanes<T> / 2 : 4;

template <class T, int U = int(narrow<T>)>
inline void narrow_tile(size_t used, const Matrix<T>& a, Range rows, size_t col, const T* b, const T* start,
                        size_t step, T* c) {
  if (used == U)
    narrow_tile<T, U>(a, rows, col, b, start, step, c);
  else if constexpr (U > 1)
    narrow_tile<T, U - 1>(used, a, rows, col, b, start, step, c);
}

/// Columns of a that are multiplied at a time, so that this part of a panel of b stays in the first-level
/// cache and this part of a block of rows in the second.
template <class T>
inline constexpr size_t inner_panels = 256 / Matrix<T>::panel;

/// out = start + a · b over these rows of a and panels of b; start(panel) is one row, or nullptr for zeros.
/// With `add`, a · b is added to out instead. The rows are divided into tiles of nearly equal height.
template <class T, class Start>
inline void product(const Matrix<T>& a, Range rows, const Matrix<T>& b, Range panels, Start start,
                    Matrix<T>& out, bool add = false) {
  size_t tiles = (rows.size() + tile_rows - 1) / tile_rows;
  for (size_t k = 0; k < a.panels(); k += inner_panels<T>) {
    Range inner{k, std::min(k + inner_panels<T>, a.panels())};
    for (size_t p = panels.begin; p < panels.end; p++) {
      const T *right = b.at(k * Matrix<T>::panel, p), *first = start(p);
      bool wide = out.width(p) == Matrix<T>::panel;
      for (size_t t = 0; t < tiles; t++) {
        Range tile = share(rows.size(), 1, t, tiles);
        T* c = out.at(rows.begin + tile.begin, p);
        bool more = add || k > 0;
        tile_by_rows<T>(int(tile.size()), wide, a, rows.begin + tile.begin, inner, right, more ? c : first,
                        more ? out.width(p) : 0, c);
      }
    }
  }
}

template <class T>
inline void product(const Matrix<T>& a, Range rows, const Matrix<T>& b, Range panels, Matrix<T>& out,
                    bool add = false) {
  product(a, rows, b, panels, [](size_t) -> const T* { return nullptr; }, out, add);
}

template <class T>
inline void product(const Matrix<T>& a, Range rows, const Matrix<T>& b, Matrix<T>& out, bool add = false) {
  product(a, rows, b, b.all_panels(), out, add);
}

}  // namespace deltaprop::DELTAPROP_TARGET
