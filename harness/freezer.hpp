// Stops the threads of a trial where they are and lets them go on, so that two processes can take
// turns on the same cores: a frozen thread sleeps, also one that would spin for a message.
#pragma once

#include <pthread.h>

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

  /// Returns when all threads sleep. A system call they were in is restarted, or ends as if by a
  /// spurious wake.
  void freeze();
  void thaw();

 private:
  std::vector<pthread_t> threads_;
};

}  // namespace weir
