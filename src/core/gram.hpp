// Sums of products of two matrices with the same many rows, aᵀ b, in blocks that stay in the cache.
#pragma once

#include "gemm.hpp"

namespace deltaprop::DELTAPROP_TARGET {

/// Columns of both factors in a block: what it reads stays in the second-level cache.
inline constexpr size_t product_block = 64;

inline size_t blocks_across(size_t cols) { return (cols + product_block - 1) / product_block; }

/// Number of blocks of aᵀ b for so many columns of a and b, and of the upper triangle of aᵀ a.
inline size_t product_blocks(size_t left, size_t right) { return blocks_across(left) * blocks_across(right); }
inline size_t gram_blocks(size_t cols) { return blocks_across(cols) * (blocks_across(cols) + 1) / 2; }

/// Adds block (i, j) of aᵀ b over the first rows of both to `out`; of aᵀ a the tiles of its upper triangle.
template <class T>
void add_block(const Matrix<T>& a, const Matrix<T>& b, size_t rows, size_t i, size_t j, Matrix<T>& out) {
  constexpr size_t panel = Matrix<T>::panel, each = product_block / panel;
  Range lefts{i * each, std::min((i + 1) * each, a.panels())};
  for (size_t q = j * each; q < std::min((j + 1) * each, b.panels()); q++)
    for (size_t p = lefts.begin; p < std::min(lefts.end, &a == &b ? q + 1 : lefts.end); p++)
      for (size_t c = 0; c < a.used(p); c += tile_columns<T>) {
        size_t n = std::min(tile_columns<T>, a.used(p) - c);
        T* sums = out.at(p * panel + c, q);
        tile_by_columns<T>(int(n), out.width(q) == panel, a, {0, rows}, p * panel + c, b.at(0, q), sums,
                           out.width(q), sums);
      }
}

template <class T>
void add_product(const Matrix<T>& a, const Matrix<T>& b, size_t rows, size_t block, Matrix<T>& out) {
  size_t down = blocks_across(a.cols());
  add_block(a, b, rows, block % down, block / down, out);
}

/// Block numbers go down the columns of the triangle.
template <class T>
void add_gram(const Matrix<T>& a, size_t rows, size_t block, Matrix<T>& out) {
  size_t right = 0;
  while (block > right) block -= ++right;
  add_block(a, a, rows, block, right, out);
}

}  // namespace deltaprop::DELTAPROP_TARGET
