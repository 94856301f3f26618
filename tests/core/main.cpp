// Runs the tests of the core: what is compiled once, then the kernels of every instruction set that this
// processor supports.
//
// With the argument --emulated it leaves out what qemu-user cannot do: threads of a forked child, and limits
// on memory.
#include <algorithm>
#include <cstring>
#include <numeric>
#include <vector>

#include "check.hpp"
#include "fork.hpp"
#include "pieces.hpp"
#include "pool.hpp"
#include "program.hpp"

#if !defined(_WIN32)
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>
#endif

namespace deltaprop {

namespace baseline {
void test_kernels();
}
#if defined(DELTAPROP_X86)
namespace avx2 {
void test_kernels();
}
namespace avx512 {
void test_kernels();
}
#endif

namespace {

/// What numpy.random.Generator(Philox(key=[1, 2], counter=[0, 0, 0, 3])).shuffle gives.
void test_shuffle() {
  const uint64_t key[] = {1, 2}, counter[] = {0, 0, 0, 3};
  std::vector<int64_t> few{0, 1, 2, 3, 4}, many(1000);
  shuffle(few.data(), few.size(), key, counter);
  CHECK(few == std::vector<int64_t>{0, 2, 1, 4, 3});
  std::iota(many.begin(), many.end(), 0);
  shuffle(many.data(), many.size(), key, counter);
  int64_t checksum = 0;
  for (size_t i = 0; i < many.size(); i++) checksum += int64_t(i + 1) * many[i];
  CHECK(checksum == 248'833'104);
  std::sort(many.begin(), many.end());
  for (size_t i = 0; i < many.size(); i++) CHECK(many[i] == int64_t(i));
  shuffle(nullptr, 0, key, counter);
}

void test_pool() {
  for (int threads : {1, 2, 5}) {
    Pool pool(threads);
    Barrier barrier(threads);
    std::vector<int> calls(size_t(threads), 0);
    std::atomic<int> early = 0;
    for (int job = 1; job <= 2000; job++)
      pool.run([&](int t) {
        calls[size_t(t)]++;
        barrier.wait();
        for (int other : calls) early += other != job;  // no thread passes the barrier before the last
        barrier.wait();
      });
    CHECK(early == 0);
    CHECK(calls == std::vector<int>(size_t(threads), 2000));
  }
  {
    Pool unused(3);
  }
}

/// A thread takes its own share from the front, then the others' from the back.
void test_order_of_pieces() {
  Pieces pieces(3);
  size_t piece = 0;
  CHECK(!pieces.take(1, piece));
  pieces.offer(0, 0, 2), pieces.offer(1, 2, 4), pieces.offer(2, 4, 6);
  for (size_t expected : {2, 3, 5, 4, 1, 0}) CHECK(pieces.take(1, piece) && piece == expected);
  for (size_t thread : {0, 1, 2}) CHECK(!pieces.take(thread, piece));
}

/// However many threads take at once, each piece is taken once, in every one of many rounds.
void test_pieces() {
  for (int threads : {1, 2, 5})
    for (size_t n : {0, 1, 7, 100}) {
      Pool pool(threads);
      Barrier barrier(threads);
      Pieces pieces{size_t(threads)};
      std::vector<std::atomic<int>> taken(n);
      pool.run([&](int t) {
        for (int round = 0; round < 200; round++) {
          pieces.offer(size_t(t), n * size_t(t) / size_t(threads), n * size_t(t + 1) / size_t(threads));
          for (size_t piece; pieces.take(size_t(t), piece);) taken[piece]++;
          barrier.wait();
        }
      });
      for (const auto& times : taken) CHECK(times == 200);
    }
}

#if !defined(_WIN32)
/// The exit status of work() in a forked child, killed after 20 seconds.
template <class Work>
int status_in_child(Work work) {
  pid_t child = fork();
  if (child == 0) {
    alarm(20);
    _exit(work());
  }
  int status = -1;
  waitpid(child, &status, 0);
  return status;
}

/// A child forked while another thread holds the lock, in the middle of a job, uses a lock and threads of its
/// own.
void test_fork() {
  struct State {
    std::mutex mutex;
    Pool pool{3};
    int run() {
      std::lock_guard lock(mutex);
      std::atomic<int> sum = 0;
      pool.run([&](int t) { sum += t; });
      return sum;
    }
  };
  PerProcess<State> state([] { return std::make_unique<State>(); });
  State& own = state.get();
  CHECK(own.run() == 3);
  std::atomic<bool> inside = false, leave = false;
  std::thread busy([&] {
    std::lock_guard lock(own.mutex);
    own.pool.run([&](int) {
      inside = true;
      while (!leave) std::this_thread::yield();
    });
  });
  while (!inside) std::this_thread::yield();
  auto child = [&] {
    bool right = &state.get() != &own && state.get().run() == 3;
    return right && status_in_child([&] { return state.get().run() - 3; }) == 0 ? 0 : 1;
  };
  CHECK(status_in_child(child) == 0);
  leave = true;
  busy.join();
  CHECK(&state.get() == &own && own.run() == 3);
}
#if defined(__linux__)
/// Where there is address space for some of the stacks only, run() throws before any work is done.
void test_refused_threads() {
  auto child = [] {
    long pages = 0;
    std::FILE* file = std::fopen("/proc/self/statm", "r");
    if (!file || std::fscanf(file, "%ld", &pages) != 1) return 1;
    std::fclose(file);
    rlim_t limit = rlim_t(pages) * rlim_t(sysconf(_SC_PAGESIZE)) + 40'000'000;
    const rlimit limits{limit, limit};
    if (setrlimit(RLIMIT_AS, &limits) != 0) return 2;
    bool worked = false;
    try {
      Pool(16).run([&](int) { worked = true; });
    } catch (const ThreadsRefused& refused) {
      return !worked && refused.started >= 1 && refused.started < 16 ? 0 : 3;
    }
    return 4;
  };
  CHECK(status_in_child(child) == 0);
}
#endif
#endif

int run_tests(bool emulated) {
  test_shuffle();
  test_pool();
  test_order_of_pieces();
  test_pieces();
  if (emulated) std::printf("emulated: the tests of child processes are left out\n");
#if !defined(_WIN32)
  if (!emulated) test_fork();
#endif
#if defined(__linux__)
  if (!emulated) test_refused_threads();
#endif
  for (const char* set : instruction_sets()) {
    std::printf("kernels: %s\n", set);
    if (!std::strcmp(set, "baseline")) baseline::test_kernels();
#if defined(DELTAPROP_X86)
    if (!std::strcmp(set, "avx2")) avx2::test_kernels();
    if (!std::strcmp(set, "avx512")) avx512::test_kernels();
#endif
  }
  std::printf("%d failed\n", test::failures);
  return test::failures > 0;
}

}  // namespace

}  // namespace deltaprop

int main(int argc, char** argv) {
  return deltaprop::run_tests(argc > 1 && !std::strcmp(argv[1], "--emulated"));
}
