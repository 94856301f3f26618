#include "pool.hpp"

#include <exception>

namespace deltaprop {

namespace {

inline void pause() {
#if defined(__x86_64__) || defined(_M_X64)
  __builtin_ia32_pause();
#elif defined(__aarch64__)
  asm volatile("yield");
#endif
}

/// Polls a condition for about ten microseconds, then yields between polls.
template <class Condition>
void spin(Condition done, int polls = 4000) {
  for (int i = 0; !done(); i++) i < polls ? pause() : std::this_thread::yield();
}

}  // namespace

void Barrier::wait() {
  if (threads_ == 1) return;
  unsigned round = round_.load(std::memory_order_relaxed);
  if (arrived_.fetch_add(1, std::memory_order_acq_rel) + 1 == threads_) {
    arrived_.store(0, std::memory_order_relaxed);
    round_.store(round + 1, std::memory_order_release);
  } else {
    spin([&] { return round_.load(std::memory_order_acquire) != round; });
  }
}

void Pool::start() {
  try {
    for (int index = int(others_.size()) + 1; index < threads_; index++)
      others_.emplace_back([this, index] { serve(index); });
  } catch (const std::exception&) {  // std::system_error or std::bad_alloc
    int started = int(others_.size()) + 1;
    stop();
    throw ThreadsRefused(started);
  }
}

void Pool::stop() {
  {
    std::lock_guard lock(mutex_);
    stop_ = true;
  }
  changed_.notify_all();
  for (auto& thread : others_) thread.join();
  others_.clear();
  stop_ = false;
}

void Pool::serve(int index) {
  for (unsigned seen = 0;;) {
    {
      // Jobs often follow each other closely: poll for a moment before sleeping.
      for (int i = 0; i < 2000 && job_.load(std::memory_order_acquire) == seen; i++) pause();
      std::unique_lock lock(mutex_);
      changed_.wait(lock, [&] { return stop_ || job_.load(std::memory_order_relaxed) != seen; });
      if (stop_) return;
      seen = job_.load(std::memory_order_relaxed);
    }
    (*work_)(index);
    working_.fetch_sub(1, std::memory_order_release);
  }
}

void Pool::run(const std::function<void(int)>& work) {
  if (threads_ == 1) return work(0);
  start();
  working_.store(threads_ - 1, std::memory_order_relaxed);
  {
    std::lock_guard lock(mutex_);
    work_ = &work;
    job_.fetch_add(1, std::memory_order_release);
  }
  changed_.notify_all();
  work(0);
  spin([&] { return working_.load(std::memory_order_acquire) == 0; });
}

}  // namespace deltaprop
