#include "shuffle.hpp"

#include <bit>
#include <utility>

#include "philox.hpp"

namespace deltaprop {

namespace {

/// The stream's 32-bit numbers one after the other. NumPy steps the counter before each block.
class Stream {
 public:
  Stream(const uint64_t key[2], const uint64_t counter[4]) : key_(key), counter_(counter), low_(counter[0]) {}

  uint32_t next() {
    if (lane_ == 8) {
      baseline::philox(key_[0], key_[1], ++low_, counter_[1], counter_[2], counter_[3], words_);
      lane_ = 0;
    }
    uint32_t number = uint32_t(words_[lane_ / 2] >> (lane_ % 2 * 32));
    lane_++;
    return number;
  }

  /// A number from 0 to `most` without bias: numbers of as many bits are drawn until one is small enough.
  uint32_t up_to(uint32_t most) {
    uint32_t mask = uint32_t(-1) >> std::countl_zero(most), number;
    do number = next() & mask;
    while (number > most);
    return number;
  }

 private:
  const uint64_t *key_, *counter_;
  uint64_t low_, words_[4];
  int lane_ = 8;
};

}  // namespace

void shuffle(int64_t* numbers, size_t n, const uint64_t key[2], const uint64_t counter[4]) {
  Stream stream(key, counter);
  for (size_t i = n; i-- > 1;) std::swap(numbers[i], numbers[stream.up_to(uint32_t(i))]);
}

}  // namespace deltaprop
