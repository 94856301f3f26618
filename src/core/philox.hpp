// The counter-based generator Philox4x64-10: the same stream as numpy.random.Philox.
// Source: Salmon, Moraes, Dror, Shaw, *Parallel random numbers: as easy as 1, 2, 3* (2011), §5.
#pragma once

#include <cstdint>

#include "simd.hpp"

namespace deltaprop::DELTAPROP_TARGET {

inline uint64_t multiply(uint64_t a, uint64_t b, uint64_t& high) {
#if defined(__SIZEOF_INT128__)
  __extension__ using Wide = unsigned __int128;
  Wide product = Wide(a) * b;
  high = static_cast<uint64_t>(product >> 64);
  return static_cast<uint64_t>(product);
#else
  uint64_t a0 = uint32_t(a), a1 = a >> 32, b0 = uint32_t(b), b1 = b >> 32;
  uint64_t low = a0 * b0, middle = a1 * b0 + (low >> 32), cross = a0 * b1 + uint32_t(middle);
  high = a1 * b1 + (middle >> 32) + (cross >> 32);
  return a * b;
#endif
}

/// Four 64-bit numbers: the block of the stream with this key at the counter (c0, c1, c2, c3).
inline void philox(uint64_t key0, uint64_t key1, uint64_t c0, uint64_t c1, uint64_t c2, uint64_t c3,
                   uint64_t out[4]) {
  for (int round = 0; round < 10; round++) {
    uint64_t high0, high1;
    uint64_t low0 = multiply(0xD2E7470EE14C6C93u, c0, high0);
    uint64_t low1 = multiply(0xCA5A826395121157u, c2, high1);
    c0 = high1 ^ c1 ^ key0;
    c1 = low1;
    c2 = high0 ^ c3 ^ key1;
    c3 = low0;
    key0 += 0x9E3779B97F4A7C15u;
    key1 += 0xBB67AE8584CAA73Bu;
  }
  out[0] = c0, out[1] = c1, out[2] = c2, out[3] = c3;
}

/// 32-bit lanes begin…begin+n−1 of the stream, low halves first. NumPy steps the counter before each block.
inline void philox_lanes(uint64_t key0, uint64_t key1, uint64_t step, size_t begin, size_t n, uint32_t* out) {
  uint64_t words[4];
  for (size_t i = 0; i < n;) {
    size_t lane = begin + i, offset = lane % 8;
    philox(key0, key1, lane / 8 + 1, step, 0, 0, words);
    for (; offset < 8 && i < n; offset++, i++) out[i] = uint32_t(words[offset / 2] >> (offset % 2 * 32));
  }
}

}  // namespace deltaprop::DELTAPROP_TARGET
