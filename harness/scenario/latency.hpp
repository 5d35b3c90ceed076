// What the logs of a leg say: response, transit and lag, what was offered and what was achieved.
//
//   due -------> sent --------> received -------> done
//       lag            transit
//   <----------------- response ------------------>
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "harness/histogram.hpp"
#include "harness/scenario/log.hpp"

namespace weir::scenario {

/// One sender's part of a leg.
struct SenderLog {
  std::span<const Sent> sent;  ///< in the order of its numbers, which begin with `first`
  std::uint64_t first = 0;
  std::span<const std::int64_t> due;  ///< its schedule, after `start`; of an asap leg: none
  std::uint64_t refused = 0;
};

/// The window of a leg, as times of the clock.
struct Window {
  std::int64_t start = 0;  ///< of the leg
  std::int64_t begin = 0;
  std::int64_t end = 0;

  [[nodiscard]] bool contains(std::int64_t ns) const noexcept { return ns >= begin && ns < end; }
  [[nodiscard]] double seconds() const noexcept { return static_cast<double>(end - begin) * 1e-9; }
};

/// A part of the window.
struct Interval {
  std::int64_t begin = 0;
  std::int64_t length = 0;
  Histogram response;
};

struct Latency {
  Histogram response;
  Histogram transit;
  Histogram lag;
  Histogram disturbed;  ///< responses of messages that were under way in a host gap
  std::uint64_t scheduled = 0;
  std::uint64_t arrived = 0;      ///< of those
  std::uint64_t refused = 0;      ///< of those, by policy
  std::uint64_t undelivered = 0;  ///< neither; part of `response` as "at least"
  std::int64_t smallest_transit_ns = 0;
  double offered = 0;   ///< messages a second that were due in the window
  double achieved = 0;  ///< messages a second that came out of the channel in it
  std::vector<Interval> intervals;
  std::uint64_t gaps = 0;  ///< in the window
  std::int64_t gap_ns = 0;
  std::int64_t longest_gap_ns = 0;

  /// More was offered than came through.
  [[nodiscard]] bool saturated() const noexcept { return achieved < 0.99 * offered; }
};

/// Messages that were due in the window count, whenever they came; `gaps` in any order.
Latency evaluate(std::span<const SenderLog> senders,
                 std::span<const std::span<const Received>> receivers, const Window& window,
                 std::vector<Gap> gaps, std::int64_t interval_ns);

}  // namespace weir::scenario
