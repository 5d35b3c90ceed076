// A POSIX semaphore in the words of std::counting_semaphore, with deadlines of the steady clock.
// libstdc++ 12's own loses wake-ups: acquire() reads the count 1, loses that permit to another
// thread, and then sleeps on the value 1, which may be there again by the next release. See
// docs/findings.md.
#pragma once

#include <semaphore.h>

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <cstddef>
#include <ctime>
#include <system_error>

namespace weir {

class PosixSemaphore {
 public:
  /// Throws std::system_error beyond SEM_VALUE_MAX.
  explicit PosixSemaphore(std::ptrdiff_t permits) {
    if (::sem_init(&semaphore_, 0, static_cast<unsigned>(permits)) != 0) {
      throw std::system_error(errno, std::generic_category(), "sem_init");
    }
  }
  PosixSemaphore(const PosixSemaphore&) = delete;
  PosixSemaphore& operator=(const PosixSemaphore&) = delete;
  ~PosixSemaphore() { ::sem_destroy(&semaphore_); }

  void acquire() noexcept {
    while (::sem_wait(&semaphore_) != 0) {  // EINTR
    }
  }
  [[nodiscard]] bool try_acquire() noexcept { return ::sem_trywait(&semaphore_) == 0; }
  /// False when the deadline passed first.
  [[nodiscard]] bool try_acquire_until(std::chrono::steady_clock::time_point deadline) noexcept {
    using namespace std::chrono;
    const nanoseconds since = std::max(deadline.time_since_epoch(), nanoseconds{0});
    const timespec until{static_cast<time_t>(duration_cast<seconds>(since).count()),
                         static_cast<long>((since % seconds{1}).count())};
    while (::sem_clockwait(&semaphore_, CLOCK_MONOTONIC, &until) != 0) {
      if (errno == ETIMEDOUT) return false;
    }
    return true;
  }
  void release() noexcept { ::sem_post(&semaphore_); }

 private:
  sem_t semaphore_;
};

}  // namespace weir
