#include "fork.hpp"

#if !defined(_WIN32)
#include <pthread.h>
#endif

namespace deltaprop {

namespace {
unsigned forks = 0;  // written only by the child's handler, when the child has one thread
}

unsigned fork_count() {
#if !defined(_WIN32)
  static const int registered = pthread_atfork(nullptr, nullptr, [] { forks++; });
  static_cast<void>(registered);
#endif
  return forks;
}

}  // namespace deltaprop
