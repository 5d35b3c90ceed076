// What the harness asks of the operating system; the only file beside channels/futex.hpp and
// channels/membarrier.hpp with system calls of its own.
#pragma once

#include <sys/types.h>
#include <time.h>

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

namespace weir::sys {

/// Processors that this process may use, ascending.
std::vector<int> allowed_cpus();

/// Pins the calling thread. Throws std::system_error.
void pin_to(int cpu);

/// What the calling thread has used so far.
struct ThreadUsage {
  std::int64_t cpu_ns = 0;
  std::int64_t voluntary_switches = 0;
  std::int64_t involuntary_switches = 0;
};
ThreadUsage thread_usage() noexcept;
std::int64_t thread_cpu_ns() noexcept;

/// The processor time of a thread, for others to read while it runs.
class ThreadClock {
 public:
  static ThreadClock of_caller() noexcept;
  /// 0 once the thread has ended.
  [[nodiscard]] std::int64_t now_ns() const noexcept;

 private:
  clockid_t clock_ = CLOCK_REALTIME;
};

/// Time that the host kept from all processors of this machine since boot, milliseconds (ticks of
/// 10 ms).
double steal_ms();

/// Resident memory of a process, KiB; 0 when it is gone.
std::int64_t resident_kib(pid_t pid);
/// Largest resident memory of this process so far, KiB.
std::int64_t peak_resident_kib();

/// Resident memory of a process, read again and again at little cost. Any thread.
class ResidentGauge {
 public:
  explicit ResidentGauge(pid_t pid);
  ResidentGauge(const ResidentGauge&) = delete;
  ResidentGauge& operator=(const ResidentGauge&) = delete;
  ~ResidentGauge();
  /// 0 when it cannot be read.
  [[nodiscard]] std::int64_t kib() const noexcept;

 private:
  int file_;
};

/// Zeroed memory, taken from the kernel when it is touched. Freed by the destructor. Throws
/// std::bad_alloc.
class Pages {
 public:
  enum class Visibility { own, shared_with_children };
  explicit Pages(std::size_t bytes, Visibility visibility = Visibility::own);
  Pages(Pages&& other) noexcept;
  Pages& operator=(Pages&& other) noexcept;
  ~Pages();
  [[nodiscard]] void* data() const noexcept { return data_; }

 private:
  void* data_ = nullptr;
  std::size_t bytes_ = 0;
};

void sleep_for(std::chrono::nanoseconds time) noexcept;
/// Lets the sleeps of the calling thread end when they should: Linux adds up to 50 us to save
/// power.
void sharpen_sleeps() noexcept;

}  // namespace weir::sys
