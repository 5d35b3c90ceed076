// Clocks. A measuring tool takes a Clock policy: the real one in trials, a virtual one in tests,
// where planted figures must come out exactly.
#pragma once

#if defined(__x86_64__)
#include <x86intrin.h>
#endif

#include <concepts>
#include <cstdint>
#include <ctime>

namespace weir {

template <class C>
concept Clock = requires {
  { C::now_ns() }
  noexcept->std::same_as<std::int64_t>;
};

[[nodiscard]] constexpr std::int64_t ns_of(const timespec& time) noexcept {
  return static_cast<std::int64_t>(time.tv_sec) * 1'000'000'000 + time.tv_nsec;
}

/// CLOCK_MONOTONIC, nanoseconds. About 30 ns a reading; the `machine` workload measures it.
struct MonotonicClock {
  static std::int64_t now_ns() noexcept {
    timespec time{};
    ::clock_gettime(CLOCK_MONOTONIC, &time);
    return ns_of(time);
  }
};

/// Time that moves only when it is told to. One per thread.
struct VirtualClock {
  static std::int64_t now_ns() noexcept { return time_ns; }
  static void advance(std::int64_t by_ns) noexcept { time_ns += by_ns; }
  static inline thread_local std::int64_t time_ns = 0;
};

/// The processor's own counter, in ticks; 0 where it has none. As a clock: harness/tsc_clock.hpp.
inline std::uint64_t read_tsc() noexcept {
#if defined(__x86_64__)
  return __rdtsc();
#elif defined(__aarch64__)
  std::uint64_t ticks = 0;
  asm volatile("mrs %0, cntvct_el0" : "=r"(ticks));
  return ticks;
#else
  return 0;
#endif
}
/// Not before the loads that come before it in the program are done.
inline std::uint64_t read_tsc_ordered() noexcept {
#if defined(__x86_64__)
  _mm_lfence();
#elif defined(__aarch64__)
  asm volatile("isb" : : : "memory");
#endif
  return read_tsc();
}

static_assert(Clock<MonotonicClock> && Clock<VirtualClock>);

}  // namespace weir
