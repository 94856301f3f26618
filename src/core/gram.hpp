// The matrix AᵀA of a matrix with many columns.
#pragma once

#include "gemm.hpp"

namespace deltaprop::DELTAPROP_TARGET {

/// AᵀA is computed in blocks of so many rows and columns: what a block reads stays in the second-level cache.
inline constexpr size_t gram_block = 64;

/// Number of blocks that the upper triangle of a matrix of n columns has.
inline size_t gram_blocks(size_t n) {
  size_t side = (n + gram_block - 1) / gram_block;
  return side * (side + 1) / 2;
}

/// Adds one block of AᵀA to `out`, of which only the upper triangle is complete; A are the first rows of `a`.
template <class T>
void add_gram(const Matrix<T>& a, size_t rows, size_t block, Matrix<T>& out) {
  constexpr size_t panel = Matrix<T>::panel, each = std::max<size_t>(gram_block / panel, 1);
  size_t right = 0;
  while (block > right) block -= ++right;  // block numbers go down the columns of the triangle
  Range rights{right * each, std::min((right + 1) * each, a.panels())};
  for (size_t q = rights.begin; q < rights.end; q++)
    for (size_t p = block * each; p < std::min((block + 1) * each, q + 1); p++)
      for (size_t c = 0; c < a.used(p); c += tile_columns<T>) {
        size_t n = std::min(tile_columns<T>, a.used(p) - c);
        T* sums = out.at(p * panel + c, q);
        tile_by_columns<T>(int(n), out.width(q) == panel, a, {0, rows}, p * panel + c, a.at(0, q), sums,
                           out.width(q), sums);
      }
}

}  // namespace deltaprop::DELTAPROP_TARGET
