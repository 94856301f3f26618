// A minimal test runner: CHECK counts and prints what does not hold.
#pragma once

#include <cstdint>
#include <cstdio>

namespace deltaprop::test {

inline int failures = 0;

inline void check(bool holds, const char* condition, const char* file, int line) {
  if (holds) return;
  failures++;
  std::printf("%s:%d: %s does not hold\n", file, line, condition);
}

/// The same pseudo-random numbers on every system, uniform in [−1, 1).
class Random {
 public:
  double operator()() {
    state_ = state_ * 6364136223846793005u + 1442695040888963407u;
    return double(int64_t(state_) >> 11) / double(int64_t(1) << 52);
  }

 private:
  uint64_t state_ = 1;
};

}  // namespace deltaprop::test

#define CHECK(...) deltaprop::test::check(static_cast<bool>(__VA_ARGS__), #__VA_ARGS__, __FILE__, __LINE__)
