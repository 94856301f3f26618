// Work in numbered pieces, divided between threads as they go.
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <vector>

namespace deltaprop {

/// Each thread takes the pieces of its own share from the front, and then those that others have left, from
/// the back (work stealing): a slower processor does less, and nobody waits for more than a piece.
class Pieces {
 public:
  explicit Pieces(size_t threads) : left_(threads) {}

  /// Offers begin … end − 1, this thread's share. What it offered before must have been taken.
  void offer(size_t thread, size_t begin, size_t end) {
    left_[thread].range.store(uint64_t(begin) << 32 | uint64_t(end), std::memory_order_relaxed);
  }

  /// Takes a piece of those on offer; returns whether there was one.
  bool take(size_t thread, size_t& piece) {
    for (size_t i = 0; i < left_.size(); i++) {
      size_t owner = (thread + i) % left_.size();
      if (take_from(left_[owner].range, owner == thread, piece)) return true;
    }
    return false;
  }

 private:
  /// The pieces that are left of one share, begin and end in one number.
  struct alignas(64) Left {
    std::atomic<uint64_t> range{0};
  };

  static bool take_from(std::atomic<uint64_t>& range, bool front, size_t& piece) {
    uint64_t left = range.load(std::memory_order_relaxed);
    for (;;) {
      uint64_t begin = left >> 32, end = left & 0xffffffff;
      if (begin >= end) return false;
      uint64_t rest = front ? (begin + 1) << 32 | end : begin << 32 | (end - 1);
      if (!range.compare_exchange_weak(left, rest, std::memory_order_relaxed)) continue;
      piece = size_t(front ? begin : end - 1);
      return true;
    }
  }

  std::vector<Left> left_;
};

}  // namespace deltaprop
