
#include <algorithm>
#include <bit>
#include <utility>

#include "philox.hpp"
#include "program.hpp"

namespace deltaprop {

namespace {

constexpr size_t blocks = 8;  // drawn at a time, independent of each other
constexpr size_t lanes = 8 * blocks;

/// The 32-bit lanes of the next blocks of the stream. NumPy steps the counter before each.
void draw(const uint64_t key[2], const uint64_t counter[4], uint64_t& low, uint32_t* out) {
  uint64_t words[4];
  for (size_t b = 0; b < blocks; b++) {
    baseline::philox(key[0], key[1], ++low, counter[1], counter[2], counter[3], words);
    for (size_t i = 0; i < 8; i++) *out++ = uint32_t(words[i / 2] >> (i % 2 * 32));
  }
}

}  // namespace

void shuffle(int64_t* numbers, size_t n, const uint64_t key[2], const uint64_t counter[4]) {
  uint64_t low = counter[0];
  uint32_t drawn[lanes];
  // Fisher–Yates. The position to swap with is drawn from as few bits as possible, again if it is too large;
  // a rejected draw swaps the number with itself, which is faster than a mispredicted branch.
  for (size_t i = n > 0 ? n - 1 : 0, lane = lanes; i > 0; lane++) {
    if (lane == lanes) draw(key, counter, low, drawn), lane = 0;
    uint32_t mask = uint32_t(-1) >> std::countl_zero(uint32_t(i)), place = drawn[lane] & mask;
    bool fits = place <= i;
    std::swap(numbers[i], numbers[fits ? place : i]);
    i -= fits;
  }
}

}  // namespace deltaprop
