#include "pool.hpp"

#if defined(_WIN32)
#include <process.h>
#define getpid _getpid
#else
#include <unistd.h>
#endif

namespace deltaprop {

namespace {

inline void pause() {
#if defined(__x86_64__) || defined(_M_X64)
  __builtin_ia32_pause();
#elif defined(__aarch64__)
  asm volatile("yield");
#endif
}

/// Looks at a condition for some ten microseconds, then lets others run between looks.
template <class Condition>
void spin(Condition done, int looks = 4000) {
  for (int i = 0; !done(); i++) i < looks ? pause() : std::this_thread::yield();
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

struct Pool::Crew {
  int process = int(getpid());
  std::vector<std::thread> threads;
  std::mutex mutex;
  std::condition_variable changed;
  std::atomic<unsigned> job{0};  // counts the jobs given out
  std::atomic<int> working{0};
  const std::function<void(int)>* work = nullptr;
  bool stop = false;

  explicit Crew(int count) {
    for (int index = 1; index < count; index++) threads.emplace_back([this, index] { serve(index); });
  }

  ~Crew() {
    {
      std::lock_guard lock(mutex);
      stop = true;
    }
    changed.notify_all();
    for (auto& thread : threads) thread.join();
  }

  void serve(int index) {
    for (unsigned seen = 0;;) {
      {
        // Jobs often follow each other closely: look for a moment before sleeping.
        for (int i = 0; i < 2000 && job.load(std::memory_order_acquire) == seen; i++) pause();
        std::unique_lock lock(mutex);
        changed.wait(lock, [&] { return stop || job.load(std::memory_order_relaxed) != seen; });
        if (stop) return;
        seen = job.load(std::memory_order_relaxed);
      }
      (*work)(index);
      working.fetch_sub(1, std::memory_order_release);
    }
  }
};

Pool::Pool(int threads) : threads_(threads) {}

Pool::~Pool() {
  if (crew_ && crew_->process != int(getpid()))
    crew_.release();  // a forked child: these threads are not here
}

void Pool::start() {
  if (crew_ && crew_->process != int(getpid())) crew_.release();
  if (!crew_) crew_ = std::make_unique<Crew>(threads_);
}

void Pool::run(const std::function<void(int)>& work) {
  if (threads_ == 1) return work(0);
  start();
  Crew& crew = *crew_;
  crew.working.store(threads_ - 1, std::memory_order_relaxed);
  {
    std::lock_guard lock(crew.mutex);
    crew.work = &work;
    crew.job.fetch_add(1, std::memory_order_release);
  }
  crew.changed.notify_all();
  work(0);
  spin([&] { return crew.working.load(std::memory_order_acquire) == 0; });
}

}  // namespace deltaprop
