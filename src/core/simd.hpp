// Vectors of the machine's width, by the vector extensions of GCC and Clang.
//
// This header and all that include it are compiled once for each instruction set, in the namespace
// DELTAPROP_TARGET, so that the linker never merges code of different sets.
#pragma once

#include <cmath>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <limits>

#if defined(__AVX512F__)
#include <immintrin.h>
#endif

#ifndef DELTAPROP_TARGET
#define DELTAPROP_TARGET baseline
#endif

namespace deltaprop::DELTAPROP_TARGET {

#if defined(__AVX512F__)
inline constexpr int vector_bytes = 64;
inline constexpr int tile_rows = 8;  // rows of a product computed at a time; 8 × 2 sums in 32 registers
#elif defined(__AVX2__)
inline constexpr int vector_bytes = 32;
inline constexpr int tile_rows = 6;  // 6 × 2 sums in 16 registers
#elif defined(__aarch64__)
inline constexpr int vector_bytes = 16;
inline constexpr int tile_rows = 8;
#else
inline constexpr int vector_bytes = 16;
inline constexpr int tile_rows = 4;
#endif

template <class T>
struct Simd;

template <>
struct Simd<float> {
  typedef float vec __attribute__((vector_size(vector_bytes)));
  typedef float unaligned __attribute__((vector_size(vector_bytes), aligned(4), may_alias));
  typedef int32_t ints __attribute__((vector_size(vector_bytes)));
};

template <>
struct Simd<double> {
  typedef double vec __attribute__((vector_size(vector_bytes)));
  typedef double unaligned __attribute__((vector_size(vector_bytes), aligned(8), may_alias));
  typedef int64_t ints __attribute__((vector_size(vector_bytes)));
};

template <class T>
using vec = typename Simd<T>::vec;
template <class T>
using ints = typename Simd<T>::ints;  // integers of the same width: masks, exponents

template <class T>
inline constexpr int lanes = vector_bytes / sizeof(T);

template <class T>
inline vec<T> load(const T* p) {
  return *reinterpret_cast<const typename Simd<T>::unaligned*>(p);
}

template <class T>
inline void store(T* p, vec<T> v) {
  *reinterpret_cast<typename Simd<T>::unaligned*>(p) = v;
}

template <class T>
inline vec<T> fill(T value) {
  return value - vec<T>{};  // not +, which would turn −0 into 0
}

/// 0, 1, 2, …
template <class T>
inline ints<T> iota() {
  ints<T> v{};
  for (int i = 0; i < lanes<T>; i++) v[i] = i;
  return v;
}

/// Loads the first n lanes; the others are zero.
template <class T>
inline vec<T> load_first(const T* p, size_t n) {
  if (n >= size_t(lanes<T>)) return load(p);
#if defined(__AVX512F__)
  if constexpr (sizeof(T) == 4)
    return (vec<T>)_mm512_maskz_loadu_ps(__mmask16((1u << n) - 1), p);
  else
    return (vec<T>)_mm512_maskz_loadu_pd(__mmask8((1u << n) - 1), p);
#else
  T values[lanes<T>] = {};
  for (size_t i = 0; i < n; i++) values[i] = p[i];
  return load(values);
#endif
}

/// Stores the first n lanes.
template <class T>
inline void store_first(T* p, size_t n, vec<T> v) {
  if (n >= size_t(lanes<T>)) return store(p, v);
#if defined(__AVX512F__)
  if constexpr (sizeof(T) == 4)
    _mm512_mask_storeu_ps(p, __mmask16((1u << n) - 1), (__m512)v);
  else
    _mm512_mask_storeu_pd(p, __mmask8((1u << n) - 1), (__m512d)v);
#else
  T values[lanes<T>];
  store(values, v);
  for (size_t i = 0; i < n; i++) p[i] = values[i];
#endif
}

template <class T>
inline T sum(vec<T> v) {
  T values[lanes<T>];
  store(values, v);
  for (int half = lanes<T> / 2; half > 0; half /= 2)
    for (int i = 0; i < half; i++) values[i] += values[i + half];
  return values[0];
}

/// Compiles to one instruction.
template <class T>
inline vec<T> square_root(vec<T> v) {
  for (int i = 0; i < lanes<T>; i++) v[i] = std::sqrt(v[i]);
  return v;
}

/// Transposes a square of lanes × lanes numbers in registers.
template <class T>
inline void transpose(vec<T>* rows) {
  constexpr int n = lanes<T>;
#pragma GCC unroll 8
  for (int half = n / 2; half > 0; half /= 2) {
    // Rows i and i + half exchange the off-diagonal blocks of size half.
    ints<T> low{}, high{};
    for (int j = 0; j < n; j++) {
      low[j] = j & half ? n + j - half : j;
      high[j] = j & half ? n + j : j + half;
    }
#pragma GCC unroll 16
    for (int i = 0; i < n; i++) {
      if (i & half) continue;
      vec<T> a = rows[i], b = rows[i + half];
#if defined(__clang__)
      for (int j = 0; j < n; j++) {
        rows[i][j] = low[j] < n ? a[low[j]] : b[low[j] - n];
        rows[i + half][j] = high[j] < n ? a[high[j]] : b[high[j] - n];
      }
#else
      rows[i] = __builtin_shuffle(a, b, low);
      rows[i + half] = __builtin_shuffle(a, b, high);
#endif
    }
  }
}

}  // namespace deltaprop::DELTAPROP_TARGET
