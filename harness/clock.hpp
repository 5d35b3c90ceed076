// Clocks. A measuring tool takes a Clock policy: the real one in trials, a virtual one in tests,
// where planted figures must come out exactly.
#pragma once

#include <concepts>
#include <cstdint>
#include <ctime>

namespace weir {

template <class C>
concept Clock = requires {
  { C::now_ns() }
  noexcept->std::same_as<std::int64_t>;
};

/// CLOCK_MONOTONIC, nanoseconds. About 30 ns a reading; the `machine` workload measures it.
struct MonotonicClock {
  static std::int64_t now_ns() noexcept {
    timespec time{};
    ::clock_gettime(CLOCK_MONOTONIC, &time);
    return static_cast<std::int64_t>(time.tv_sec) * 1'000'000'000 + time.tv_nsec;
  }
};

/// Time that moves only when it is told to. One per thread.
struct VirtualClock {
  static std::int64_t now_ns() noexcept { return time_ns; }
  static void advance(std::int64_t by_ns) noexcept { time_ns += by_ns; }
  static inline thread_local std::int64_t time_ns = 0;
};

/// The processor's own counter, in ticks. Only to measure its cost here: figures are taken with
/// MonotonicClock.
std::uint64_t read_tsc() noexcept;

static_assert(Clock<MonotonicClock> && Clock<VirtualClock>);

}  // namespace weir
