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
#include <type_traits>
#include <utility>

#if defined(__AVX2__)
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

template <class T, int n>
struct Numbers {
  typedef T type __attribute__((vector_size(n * sizeof(T))));
};

/// Converts a vector of other numbers. Small integers are widened in steps, each of which is an instruction;
/// compilers would convert them one at a time.
template <class T, class S>
inline vec<T> convert(typename Numbers<S, lanes<T>>::type v) {
  if constexpr (std::is_integral_v<S> && sizeof(S) < 4) {
    using Wider = std::conditional_t<sizeof(S) == 1,
                                     std::conditional_t<std::is_signed_v<S>, int16_t, uint16_t>, int32_t>;
    return convert<T, Wider>(__builtin_convertvector(v, typename Numbers<Wider, lanes<T>>::type));
  } else {
    return __builtin_convertvector(v, vec<T>);
  }
}

/// Loads numbers of type S as numbers of type T.
template <class T, class S>
inline vec<T> load_as(const S* p) {
  typename Numbers<S, lanes<T>>::type v;
  std::memcpy(&v, p, sizeof(v));
  return convert<T, S>(v);
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
#elif defined(__AVX2__)
  const __m256i mask = (__m256i)(iota<T>() < decltype(iota<T>()[0] + 0)(n));
  if constexpr (sizeof(T) == 4)
    return (vec<T>)_mm256_maskload_ps(p, mask);
  else
    return (vec<T>)_mm256_maskload_pd(p, mask);
#else
  vec<T> v{};
  for (int i = 0; i < lanes<T> - 1; i++)
    if (size_t(i) < n) v[i] = p[i];
  return v;
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
#elif defined(__AVX2__)
  const __m256i mask = (__m256i)(iota<T>() < decltype(iota<T>()[0] + 0)(n));
  if constexpr (sizeof(T) == 4)
    _mm256_maskstore_ps(p, mask, (__m256)v);
  else
    _mm256_maskstore_pd(p, mask, (__m256d)v);
#else
  for (int i = 0; i < lanes<T> - 1; i++)
    if (size_t(i) < n) p[i] = v[i];
#endif
}

/// Lane j is lane At{}(j) of those of a followed by those of b. The places are constants, without which
/// compilers move one number at a time.
template <class T, class At>
inline vec<T> shuffle(vec<T> a, vec<T> b, At) {
  return [&]<int... j>(std::integer_sequence<int, j...>) {
#if defined(__clang__)
    return __builtin_shufflevector(a, b, At{}(j)...);
#else
    return __builtin_shuffle(a, b, ints<T>{std::integral_constant<int, At{}(j)>::value...});
#endif
  }(std::make_integer_sequence<int, lanes<T>>());
}

template <class T, int half = lanes<T> / 2>
inline T sum(vec<T> v) {
  if constexpr (half == 0)
    return v[0];
  else
    return sum<T, half / 2>(v + shuffle<T>(v, v, [](int j) { return j ^ half; }));
}

/// Compiles to one instruction.
template <class T>
inline vec<T> square_root(vec<T> v) {
  for (int i = 0; i < lanes<T>; i++) v[i] = std::sqrt(v[i]);
  return v;
}

/// Rows i and i + half exchange the off-diagonal blocks of size half; then the same for smaller blocks.
template <class T, int half>
inline void exchange_blocks(vec<T>* rows) {
  constexpr int n = lanes<T>;
  if constexpr (half * sizeof(T) >= 16) {
#pragma GCC unroll 16
    for (int i = 0; i < n; i++) {
      if (i & half) continue;
      vec<T> a = rows[i], b = rows[i + half];
      rows[i] = shuffle<T>(a, b, [](int j) { return j & half ? n + j - half : j; });
      rows[i + half] = shuffle<T>(a, b, [](int j) { return j & half ? n + j : j + half; });
    }
    exchange_blocks<T, half / 2>(rows);
  }
}

/// Transposes a square of lanes × lanes numbers in registers.
template <class T>
inline void transpose(vec<T>* rows) {
  constexpr int n = lanes<T>, block = 16 / sizeof(T);
  exchange_blocks<T, n / 2>(rows);
  // What is left are blocks of 16 bytes, within which one instruction interleaves two vectors.
#pragma GCC unroll 2
  for (int size = 1; size < block; size *= 2) {
#pragma GCC unroll 16
    for (int first = 0; first < n; first += block) {
      vec<T> from[block];
#pragma GCC unroll 4
      for (int i = 0; i < block; i++) from[i] = rows[first + i];
#pragma GCC unroll 2
      for (int i = 0; i < block / 2; i++) {
        vec<T> a = from[i], b = from[i + block / 2];
        rows[first + 2 * i] =
            shuffle<T>(a, b, [](int j) { return j / block * block + j % block / 2 + j % 2 * n; });
        rows[first + 2 * i + 1] =
            shuffle<T>(a, b, [](int j) { return j / block * block + block / 2 + j % block / 2 + j % 2 * n; });
      }
    }
  }
}

}  // namespace deltaprop::DELTAPROP_TARGET
