// Products whose left factor is mostly zeros: only the non-zero numbers are multiplied.
#pragma once

#include <array>

#include "matrix.hpp"

#if defined(__AVX2__)
#include <immintrin.h>
#endif

namespace deltaprop::DELTAPROP_TARGET {

#if defined(__AVX2__) && !defined(__AVX512F__)
/// Entry m: the numbers of the bits that are set in m, one in each byte.
inline constexpr std::array<uint64_t, 256> bits_of = [] {
  std::array<uint64_t, 256> table{};
  for (unsigned m = 0; m < 256; m++)
    for (int bit = 0, n = 0; bit < 8; bit++)
      if (m >> bit & 1) table[m] |= uint64_t(bit) << 8 * n++;
  return table;
}();
#endif

/// Writes the non-zero lanes of v and their indices contiguously; returns their number. May write a whole
/// vector.
///
/// Masks are converted by _cvtmask…_u32 only: with an implicit conversion GCC 12 may spill the 8 or 16 bits
/// of a mask and read back 32 (seen under ThreadSanitizer).
template <class T>
inline size_t append_nonzero(vec<T> v, uint32_t first_index, T* values, uint32_t* indices) {
#if defined(__AVX512F__)
  if constexpr (sizeof(T) == 4) {
    __mmask16 mask = _mm512_cmp_ps_mask((__m512)v, _mm512_setzero_ps(), _CMP_NEQ_UQ);
    __m512i index = _mm512_add_epi32(_mm512_set1_epi32(int(first_index)),
                                     _mm512_setr_epi32(0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15));
    _mm512_storeu_ps(values, _mm512_maskz_compress_ps(mask, (__m512)v));
    _mm512_storeu_si512(indices, _mm512_maskz_compress_epi32(mask, index));
    return size_t(__builtin_popcount(_cvtmask16_u32(mask)));
  } else {
    __mmask8 mask = _mm512_cmp_pd_mask((__m512d)v, _mm512_setzero_pd(), _CMP_NEQ_UQ);
    __m256i index =
        _mm256_add_epi32(_mm256_set1_epi32(int(first_index)), _mm256_setr_epi32(0, 1, 2, 3, 4, 5, 6, 7));
    _mm512_storeu_pd(values, _mm512_maskz_compress_pd(mask, (__m512d)v));
    _mm256_storeu_si256(reinterpret_cast<__m256i*>(indices), _mm256_maskz_compress_epi32(mask, index));
    return size_t(__builtin_popcount(_cvtmask8_u32(mask)));
  }
#elif defined(__AVX2__)
  if constexpr (sizeof(T) == 4) {
    unsigned mask = unsigned(_mm256_movemask_ps(_mm256_cmp_ps((__m256)v, _mm256_setzero_ps(), _CMP_NEQ_UQ)));
    __m256i lane = _mm256_cvtepu8_epi32(_mm_cvtsi64_si128(int64_t(bits_of[mask])));
    _mm256_storeu_ps(values, _mm256_permutevar8x32_ps((__m256)v, lane));
    _mm256_storeu_si256(reinterpret_cast<__m256i*>(indices),
                        _mm256_add_epi32(lane, _mm256_set1_epi32(int(first_index))));
    return size_t(__builtin_popcount(mask));
  } else {
    unsigned mask = unsigned(_mm256_movemask_pd(_mm256_cmp_pd((__m256d)v, _mm256_setzero_pd(), _CMP_NEQ_UQ)));
    __m128i lane = _mm_cvtepu8_epi32(_mm_cvtsi64_si128(int64_t(bits_of[mask])));
    __m128i even = _mm_slli_epi32(lane, 1), odd = _mm_add_epi32(even, _mm_set1_epi32(1));
    __m256i halves = _mm256_set_m128i(_mm_unpackhi_epi32(even, odd), _mm_unpacklo_epi32(even, odd));
    _mm256_storeu_pd(values, (__m256d)_mm256_permutevar8x32_ps((__m256)v, halves));
    _mm_storeu_si128(reinterpret_cast<__m128i*>(indices),
                     _mm_add_epi32(lane, _mm_set1_epi32(int(first_index))));
    return size_t(__builtin_popcount(mask));
  }
#else
  size_t n = 0;
  for (int i = 0; i < lanes<T>; i++) {
    values[n] = v[i];
    indices[n] = first_index + i;
    n += v[i] != T(0);
  }
  return n;
#endif
}

/// Lists of the non-zero numbers in rows or columns of a matrix.
template <class T>
class Lists {
 public:
  /// Up to `lists` lists of up to `longest` numbers, each divided into `segments`.
  Lists(size_t lists, size_t longest, size_t segments = 1)
      : step_(longest + lanes<T>),
        segments_(segments),
        values_(lists * step_),
        indices_(lists * step_),
        ends_(lists * (segments + 1)) {}
  Lists() = default;

  const T* values(size_t list) const { return values_.data() + list * step_; }
  const uint32_t* indices(size_t list) const { return indices_.data() + list * step_; }
  Range segment(size_t list, size_t s) const {
    const uint32_t* ends = ends_.data() + list * (segments_ + 1);
    return {ends[s], ends[s + 1]};
  }
  size_t count(size_t list) const { return ends_[list * (segments_ + 1) + segments_]; }

  /// List r: the columns of row r. A segment is `columns` of them, a multiple of the panel.
  void take_row(const Matrix<T>& m, size_t r, size_t columns) {
    T* values = values_.data() + r * step_;
    uint32_t *indices = indices_.data() + r * step_, *ends = ends_.data() + r * (segments_ + 1);
    size_t n = 0;
    for (size_t c = 0; c < m.cols(); c += lanes<T>) {
      if (c % columns == 0) ends[c / columns] = uint32_t(n);
      n += append_nonzero<T>(load_first(&m(r, c), m.cols() - c), uint32_t(c), values + n, indices + n);
    }
    for (size_t s = (m.cols() + columns - 1) / columns; s <= segments_; s++) ends[s] = uint32_t(n);
  }

  /// List c: the rows of column c of panel p.
  void take_columns(const Matrix<T>& m, Range rows, size_t p) {
    constexpr size_t L = lanes<T>;
    vec<T> block[L];
    for (size_t c = 0; c < m.used(p); c += L) {
      size_t counts[L] = {};
      for (size_t r = rows.begin; r < rows.end; r += L) {
        for (size_t i = 0; i < L; i++) block[i] = r + i < rows.end ? load(m.at(r + i, p) + c) : vec<T>{};
        transpose<T>(block);
        for (size_t i = 0; i < L; i++) {
          size_t at = (c + i) * step_ + counts[i];
          counts[i] += append_nonzero<T>(block[i], uint32_t(r), values_.data() + at, indices_.data() + at);
        }
      }
      for (size_t i = 0; i < L; i++) {
        ends_[(c + i) * 2] = 0;
        ends_[(c + i) * 2 + 1] = uint32_t(counts[i]);
      }
    }
  }

 private:
  size_t step_ = 0, segments_ = 1;
  Buffer<T> values_;
  Buffer<uint32_t> indices_, ends_;
};

/// A row of several panels: that of the first one, and the distance to the same row of the next.
template <class T>
struct PanelRow {
  T* first;
  size_t step;
};

/// One row of P panels of N vectors: c = start + Σ over a list of value · row `index` of b. Where one sum for
/// each vector would wait for its additions, there are two.
template <class T, int P, int N>
inline void sparse_row(const T* values, const uint32_t* indices, size_t n, PanelRow<const T> b,
                       PanelRow<const T> start, PanelRow<T> c) {
  constexpr size_t L = lanes<T>, S = P * N < 8 ? 2 : 1;
  vec<T> sums[S][P][N];
  for (size_t s = 0; s < S; s++)
    for (int p = 0; p < P; p++)
      for (int j = 0; j < N; j++)
        sums[s][p][j] = s == 0 ? load(start.first + p * start.step + j * L) : vec<T>{};
  auto add = [&](vec<T>(&sum)[P][N], size_t i) {
    const T* row = b.first + size_t(indices[i]) * N * L;
    for (int p = 0; p < P; p++)
      for (int j = 0; j < N; j++) sum[p][j] += values[i] * load(row + p * b.step + j * L);
  };
  size_t i = 0;
  for (; i + S <= n; i += S)
    for (size_t s = 0; s < S; s++) add(sums[s], i + s);
  if (i < n) add(sums[0], i);
  for (int p = 0; p < P; p++)
    for (int j = 0; j < N; j++)
      store(c.first + p * c.step + j * L, S == 2 ? sums[0][p][j] + sums[S - 1][p][j] : sums[0][p][j]);
}

}  // namespace deltaprop::DELTAPROP_TARGET
