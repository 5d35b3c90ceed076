// Stops the threads of a trial where they are and lets them go on, so that two processes can take
// turns on the same cores: a frozen thread sleeps, also one that would spin for a message.
#pragma once

#include <pthread.h>

#include <functional>
#include <vector>

namespace weir {

/// One at a time in a process: it owns SIGUSR1. freeze() and thaw() by one thread, which is not one
/// of those that are frozen.
class Freezer {
 public:
  /// The threads must live until the freezer is gone.
  explicit Freezer(std::vector<pthread_t> threads);
  Freezer(const Freezer&) = delete;
  Freezer& operator=(const Freezer&) = delete;
  ~Freezer() { thaw(); }

  /// True when all threads sleep. A system call they were in is restarted, or ends as if by a
  /// spurious wake. False when `in_vain` says that one of them has ended, which no signal can stop:
  /// then some sleep and some do not, until thaw().
  bool freeze(const std::function<bool()>& in_vain);
  void thaw();

 private:
  std::vector<pthread_t> threads_;
};

}  // namespace weir
