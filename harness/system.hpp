// What the harness asks of the operating system; the only file beside channels/futex.hpp and
// channels/membarrier.hpp with system calls of its own.
#pragma once

#include <sys/types.h>

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

/// Time that the host kept from all processors of this machine since boot, milliseconds (ticks of
/// 10 ms).
double steal_ms();

/// Resident memory of a process, KiB; 0 when it is gone.
std::int64_t resident_kib(pid_t pid);
/// Largest resident memory of this process so far, KiB.
std::int64_t peak_resident_kib();

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

}  // namespace weir::sys
