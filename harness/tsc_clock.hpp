// The processor's time stamp counter as a clock: cheaper to read than CLOCK_MONOTONIC where the
// kernel cannot be asked without a call. Only where it counts at one rate whatever the processor
// does, and only as long as it agrees with CLOCK_MONOTONIC_RAW.
#pragma once

#include <array>
#include <cstdint>
#include <string>

#include "harness/clock.hpp"

namespace weir {

/// Both clocks, read at the same moment.
struct ClockPair {
  std::uint64_t ticks = 0;
  std::int64_t raw_ns = 0;  ///< CLOCK_MONOTONIC_RAW
};

/// How long a tick is, as three readings of both clocks say.
struct TickRate {
  double ns_per_tick = 0;
  double disagreement_ppm = 0;  ///< of the second half of the time against the first

  static TickRate between(const std::array<ClockPair, 3>& pairs) noexcept;
};

/// A Clock. One calibration a process; read from any thread after it.
class TscClock {
 public:
  /// Beyond it the counter is no clock.
  static constexpr double kMostPpm = 50;

  /// Takes 40 ms. Why the counter cannot be used here; empty when it can. Not thread-safe.
  static std::string calibrate();
  /// How far the counter has gone from CLOCK_MONOTONIC_RAW since it was calibrated, parts in a
  /// million. Of little meaning before 20 ms have gone by.
  static double drift_ppm() noexcept;

  /// From about the same beginning as CLOCK_MONOTONIC. Never before an earlier reading of the
  /// thread; not ordered after its stores.
  static std::int64_t now_ns() noexcept {
    const auto ticks = static_cast<__uint128_t>(read_tsc_ordered() - base_.ticks);
    return start_ns_ + static_cast<std::int64_t>((ticks * ns_per_tick_q32_) >> 32);
  }

 private:
  static inline ClockPair base_{};
  static inline std::int64_t start_ns_ = 0;
  static inline std::uint64_t ns_per_tick_q32_ = 0;  // fixed point, 32 bits after it
};

static_assert(Clock<TscClock>);

}  // namespace weir
