// Time as the loops of scenarios use it: the real one, and a virtual one in which tests find
// planted figures exactly.
#pragma once

#include <chrono>
#include <cstdint>
#include <string>

#include "channels/sync.hpp"
#include "harness/clock.hpp"
#include "harness/system.hpp"
#include "harness/tsc_clock.hpp"
#include "harness/work.hpp"

namespace weir::scenario {

/// CLOCK_MONOTONIC, or the time stamp counter: one for the whole process.
struct RealTime {
  /// Before any thread reads it. Why the counter cannot be used; empty when it can.
  static std::string use_tsc() {
    std::string why = TscClock::calibrate();
    tsc_ = why.empty();
    return why;
  }
  static bool uses_tsc() noexcept { return tsc_; }

  /// Between two readings of a polling thread nothing happens but what others do to it.
  static constexpr bool kPolls = true;

  static std::int64_t now_ns() noexcept {
    return tsc_ ? TscClock::now_ns() : MonotonicClock::now_ns();
  }
  /// One step of waiting for `due`.
  static void wait_a_little(std::int64_t /*due*/) noexcept { StdSync::pause(); }
  /// The same where others need the processor: sleeps, and lets the last microseconds pass.
  /// Yielding would keep the processor as busy as pausing.
  static void give_way(std::int64_t due) noexcept {
    constexpr std::int64_t kShortNs = 10'000;  // a sleep costs about as much
    const std::int64_t left = due - now_ns();
    if (left > kShortNs) {
      sys::sleep_for(std::chrono::nanoseconds(left));
    } else {
      StdSync::pause();
    }
  }
  /// Of the calling thread.
  static std::int64_t cpu_ns() noexcept { return sys::thread_cpu_ns(); }
  /// For a time of now_ns().
  static Deadline deadline(std::int64_t ns) noexcept {
    return Deadline::clock::now() + std::chrono::nanoseconds(ns - now_ns());
  }
  static void sleep_until(std::int64_t ns) noexcept {
    for (std::int64_t now = now_ns(); now < ns; now = now_ns())
      sys::sleep_for(std::chrono::nanoseconds(ns - now));
  }
  /// Works for about `ns`; `steps_per_ns` was measured on this core.
  static void work_for(std::int64_t ns, double steps_per_ns) noexcept {
    work(static_cast<std::uint64_t>(static_cast<double>(ns) * steps_per_ns));
  }

 private:
  static inline bool tsc_ = false;
};

struct VirtualTime {
  static constexpr bool kPolls = false;

  static std::int64_t now_ns() noexcept { return VirtualClock::now_ns(); }
  static void wait_a_little(std::int64_t due) noexcept { VirtualClock::time_ns = due; }
  static void give_way(std::int64_t due) noexcept { VirtualClock::time_ns = due; }
  static std::int64_t cpu_ns() noexcept { return 0; }
  static Deadline deadline(std::int64_t ns) noexcept {
    return Deadline(std::chrono::nanoseconds(ns));
  }
  static void sleep_until(std::int64_t ns) noexcept {
    if (VirtualClock::time_ns < ns) VirtualClock::time_ns = ns;
  }
  static void work_for(std::int64_t ns, double /*steps_per_ns*/) noexcept {
    VirtualClock::advance(ns);
  }
};

}  // namespace weir::scenario
