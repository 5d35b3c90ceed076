// Time as the loops of scenarios use it: the real one, and a virtual one in which tests find
// planted figures exactly.
#pragma once

#include <chrono>
#include <cstdint>

#include "channels/sync.hpp"
#include "harness/clock.hpp"
#include "harness/system.hpp"
#include "harness/work.hpp"

namespace weir::scenario {

struct RealTime {
  /// Between two readings of a polling thread nothing happens but what others do to it.
  static constexpr bool kPolls = true;

  static std::int64_t now_ns() noexcept { return MonotonicClock::now_ns(); }
  /// One step of waiting for `due`; `crowded`: others need the processor.
  static void wait_a_little(std::int64_t /*due*/, bool crowded) noexcept {
    if (crowded) {
      StdSync::yield();
    } else {
      StdSync::pause();
    }
  }
  static void sleep_until(std::int64_t ns) noexcept {
    for (std::int64_t now = now_ns(); now < ns; now = now_ns())
      sys::sleep_for(std::chrono::nanoseconds(ns - now));
  }
  /// Works for about `ns`; `steps_per_ns` was measured on this core.
  static void work_for(std::int64_t ns, double steps_per_ns) noexcept {
    work(static_cast<std::uint64_t>(static_cast<double>(ns) * steps_per_ns));
  }
};

struct VirtualTime {
  static constexpr bool kPolls = false;

  static std::int64_t now_ns() noexcept { return VirtualClock::now_ns(); }
  static void wait_a_little(std::int64_t due, bool /*crowded*/) noexcept {
    VirtualClock::time_ns = due;
  }
  static void sleep_until(std::int64_t ns) noexcept {
    if (VirtualClock::time_ns < ns) VirtualClock::time_ns = ns;
  }
  static void work_for(std::int64_t ns, double /*steps_per_ns*/) noexcept {
    VirtualClock::advance(ns);
  }
};

}  // namespace weir::scenario
