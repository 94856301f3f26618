// A pool of threads, and the barrier at which they meet.
#pragma once

#include <atomic>
#include <condition_variable>
#include <functional>
#include <mutex>
#include <stdexcept>
#include <thread>
#include <vector>

namespace deltaprop {

/// Waits until all threads have arrived. Takes about a microsecond; yields the processor on long waits.
class Barrier {
 public:
  explicit Barrier(int threads) : threads_(threads) {}
  void wait();

 private:
  const int threads_;
  alignas(64) std::atomic<int> arrived_{0};
  alignas(64) std::atomic<unsigned> round_{0};
};

/// The system started fewer threads than the pool needs (resource limits, address space).
struct ThreadsRefused : std::runtime_error {
  explicit ThreadsRefused(int n) : std::runtime_error("the system refused a thread"), started(n) {}
  int started;  // the calling thread included; at least 1
};

/// Threads that run one job at a time together with the calling thread; started by the first job. Each
/// program has its own pool, so that programs run concurrently in any number of Python threads.
class Pool {
 public:
  explicit Pool(int threads) : threads_(threads) {}
  ~Pool() { stop(); }

  /// Calls work(0) in the calling thread and work(1) … work(threads − 1) in the others; returns when all are
  /// done. Throws ThreadsRefused before any work has begun.
  void run(const std::function<void(int)>& work);

 private:
  void start();
  void stop();
  void serve(int index);

  const int threads_;
  std::vector<std::thread> others_;
  std::mutex mutex_;
  std::condition_variable changed_;
  std::atomic<unsigned> job_{0};  // number of the current job
  std::atomic<int> working_{0};
  const std::function<void(int)>* work_ = nullptr;
  bool stop_ = false;
};

}  // namespace deltaprop
