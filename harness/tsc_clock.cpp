#include "harness/tsc_clock.hpp"

#include <fmt/core.h>
#if defined(__x86_64__)
#include <cpuid.h>
#endif

#include <chrono>
#include <cmath>
#include <limits>

#include "harness/system.hpp"

namespace weir {
namespace {

constexpr auto kHalf = std::chrono::milliseconds(20);

std::int64_t raw_ns() noexcept {
  timespec time{};
  ::clock_gettime(CLOCK_MONOTONIC_RAW, &time);
  return ns_of(time);
}

/// The counter before and after a reading of the other clock; of several the narrowest: nobody
/// took the processor in between.
ClockPair read_both() noexcept {
  ClockPair best{};
  std::uint64_t narrowest = std::numeric_limits<std::uint64_t>::max();
  for (int i = 0; i < 25; ++i) {
    const std::uint64_t before = read_tsc_ordered();
    const std::int64_t raw = raw_ns();
    const std::uint64_t width = read_tsc_ordered() - before;
    if (width >= narrowest) continue;
    narrowest = width;
    best = {before + width / 2, raw};
  }
  return best;
}

bool counts_at_one_rate() noexcept {
#if defined(__x86_64__)
  constexpr unsigned kPowerManagement = 0x80000007;
  unsigned a = 0;
  unsigned b = 0;
  unsigned c = 0;
  unsigned d = 0;
  return __get_cpuid(kPowerManagement, &a, &b, &c, &d) != 0 && (d & (1U << 8)) != 0;
#elif defined(__aarch64__)
  return true;  // the architecture says so
#else
  return false;
#endif
}

double tick_length(const ClockPair& from, const ClockPair& to) noexcept {
  return static_cast<double>(to.raw_ns - from.raw_ns) / static_cast<double>(to.ticks - from.ticks);
}

}  // namespace

TickRate TickRate::between(const std::array<ClockPair, 3>& pairs) noexcept {
  const double first = tick_length(pairs[0], pairs[1]);
  const double second = tick_length(pairs[1], pairs[2]);
  return {tick_length(pairs[0], pairs[2]), 1e6 * (second / first - 1)};
}

std::string TscClock::calibrate() {
  if (!counts_at_one_rate())
    return "the time stamp counter of this processor does not count at one rate";
  std::array<ClockPair, 3> pairs{};
  pairs[0] = read_both();
  sys::sleep_for(kHalf);
  pairs[1] = read_both();
  sys::sleep_for(kHalf);
  pairs[2] = read_both();
  const TickRate rate = TickRate::between(pairs);
  if (!(std::fabs(rate.disagreement_ppm) <= kMostPpm)) {
    return fmt::format(
        "the time stamp counter disagrees with CLOCK_MONOTONIC_RAW by {:.0f} ppm: more than {:.0f}",
        std::fabs(rate.disagreement_ppm), kMostPpm);
  }
  ns_per_tick_q32_ = static_cast<std::uint64_t>(std::llround(rate.ns_per_tick * 0x1p32));
  start_ns_ = MonotonicClock::now_ns() - (raw_ns() - pairs[2].raw_ns);
  base_ = pairs[2];
  return "";
}

double TscClock::drift_ppm() noexcept {
  const ClockPair now = read_both();
  const double ticked = static_cast<double>(now.ticks - base_.ticks) *
                        static_cast<double>(ns_per_tick_q32_) * 0x1p-32;
  return 1e6 * (ticked / static_cast<double>(now.raw_ns - base_.raw_ns) - 1);
}

}  // namespace weir
