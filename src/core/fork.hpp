// Values that belong to one process.
#pragma once

#include <functional>
#include <memory>
#include <utility>

namespace deltaprop {

/// Number of forks between the first process and this one.
unsigned fork_count();

/// A value made at first use, and again in a forked child. The child inherits the parent's memory but not its
/// threads: locks may be held by threads that do not exist there, and buffers may be half written. The child
/// never touches the inherited value; its memory is leaked, not freed.
template <class T>
class PerProcess {
 public:
  using Make = std::function<std::unique_ptr<T>()>;

  explicit PerProcess(Make make) : make_(std::move(make)) {}
  ~PerProcess() { abandon_inherited(); }
  PerProcess(const PerProcess&) = delete;
  PerProcess& operator=(const PerProcess&) = delete;

  /// Not thread-safe: the caller holds a lock that survives a fork (here the interpreter's).
  T& get() {
    abandon_inherited();
    if (!value_) value_ = make_();
    return *value_;
  }

 private:
  void abandon_inherited() {
    if (fork_ == fork_count()) return;
    static_cast<void>(value_.release());
    fork_ = fork_count();
  }

  Make make_;
  std::unique_ptr<T> value_;
  unsigned fork_ = fork_count();
};

}  // namespace deltaprop
