// Threads that work on one thing together, and the barrier at which they meet.
#pragma once

#include <atomic>
#include <condition_variable>
#include <functional>
#include <memory>
#include <mutex>
#include <thread>
#include <vector>

namespace deltaprop {

/// Where all threads wait for the last. About a microsecond; gives its core away if the others are long in
/// coming.
class Barrier {
 public:
  explicit Barrier(int threads) : threads_(threads) {}
  void wait();

 private:
  const int threads_;
  alignas(64) std::atomic<int> arrived_{0};
  alignas(64) std::atomic<unsigned> round_{0};
};

/// A few threads, started when first needed and again in a forked child. Every program has a pool of its own,
/// so that programs run side by side in any number of Python threads.
class Pool {
 public:
  explicit Pool(int threads);
  ~Pool();
  int threads() const { return threads_; }

  /// Calls work(0) here and work(1) … work(threads − 1) on the others; returns when all have.
  void run(const std::function<void(int)>& work);

 private:
  struct Crew;
  void start();

  const int threads_;
  std::unique_ptr<Crew> crew_;
};

}  // namespace deltaprop
