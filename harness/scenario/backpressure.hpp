// What the logs of a leg say about a channel that is full: what was taken, refused and pushed out,
// how long senders stood, how deep the channel was, who got how much, and how it came back from a
// stall.
//
//   due --> handed over ==(blocked while full)==> accepted --> received
//                 \--> refused (full, dropped, timed out)  \--> evicted
//
// The depth is not sampled: it is counted afterwards from the stamps of each message, so that
// looking at it costs the channel nothing. A message is in the channel from when its send returned
// (or from when it was received, if that was stamped before) until it was received or evicted. Both
// stamps are taken beside the channel: a role that is interrupted between the two makes the depth
// wrong by one for as long.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "harness/histogram.hpp"
#include "harness/scenario/latency.hpp"
#include "harness/scenario/log.hpp"

namespace weir::scenario {

/// A send that takes longer was blocked.
inline constexpr std::int64_t kBlockedNs = 5'000;

/// A role that stands still, as it was planned.
struct PlannedStall {
  std::string what;  ///< "receiver 0", "sender 1 in mpmc_ring.send.publish"
  Gap when;
};

/// What happened in a leg.
struct Flow {
  struct Sender {
    SenderLog log;
    std::span<const Refusal> refused;
    std::span<const Evicted> evicted;  ///< by this sender, of any
  };
  std::vector<Sender> senders;
  std::vector<std::span<const Received>> receivers;
  Window window;
  std::vector<PlannedStall> stalls;  ///< in the order of time
};

/// How a stall went. Times are lengths, from its end on, unless they say otherwise.
struct Recovery {
  std::string what;
  std::int64_t begin_ns = 0;  ///< after the start of the window
  std::int64_t length_ns = 0;
  std::uint64_t backlog = 0;         ///< due by the end of the stall, and neither received nor lost
  std::uint64_t baseline_depth = 0;  ///< not passed for 99.9 % of the time before the first stall
  std::uint64_t peak_depth = 0;
  std::int64_t depth_ns = -1;  ///< until the depth was at its baseline for 2 ms; -1: it never was
  std::int64_t response_ns = -1;  ///< until responses were; by the time when the messages were due
  double drain_rate = 0;  ///< messages a second, from the end of the stall until the depth was back
  std::uint64_t lost = 0;  ///< refused or evicted, from the stall's begin until the depth was back
  std::int64_t blocked_ns = 0;  ///< of all senders together, in that time
  /// By role, senders first: the longest time without a finished operation that touches the stall.
  std::vector<std::int64_t> stood_ns;
};

/// Shares of the senders.
struct Fairness {
  std::vector<std::uint64_t> accepted;  ///< in the window, by sender
  double jain = 1;                      ///< 1: all the same; 1/n: one has all
  std::int64_t starved_ns = 0;  ///< longest time in which a sender had something due and nothing of
                                ///< it was accepted
};

/// A part of the window.
struct Moment {
  std::uint64_t deepest = 0;
  std::uint64_t accepted = 0;
  std::uint64_t received = 0;
  std::uint64_t lost = 0;
  double blocked = 0;  ///< senders, mean over the step
};

/// How sends and receives take turns, from the first send on.
struct Turns {
  std::vector<std::uint64_t> send_runs;     ///< lengths: sends without a receive between
  std::vector<std::uint64_t> receive_runs;  ///< ascending, both
  std::int64_t first_receive_ns = -1;       ///< after the first send
  std::uint64_t before_first_receive = 0;   ///< messages that were accepted by then
  std::vector<std::int64_t> accepted_ns;    ///< after the first send; of the first messages
  std::vector<std::int64_t> received_ns;
};

struct Backpressure {
  std::uint64_t offered = 0;  ///< due in the window; all else is of the window too, by its own time
  std::uint64_t accepted = 0;
  std::uint64_t full = 0;
  std::uint64_t dropped = 0;
  std::uint64_t timed_out = 0;
  std::uint64_t evicted = 0;
  std::uint64_t received = 0;
  double goodput = 0;                 ///< messages received a second
  Histogram sends;                    ///< time in send, refused ones too
  Histogram staleness;                ///< of what was received, from when it was due
  std::vector<double> blocked_share;  ///< of the window, by sender
  std::uint64_t deepest = 0;
  double mean_depth = 0;  ///< over time
  Fairness fairness;
  std::int64_t step_ns = 0;
  std::vector<Moment> moments;
  std::vector<Recovery> recoveries;
  Turns turns;

  [[nodiscard]] std::uint64_t refused() const noexcept { return full + dropped + timed_out; }
};

/// O(n log n) of the messages of the leg.
Backpressure evaluate(const Flow& flow, std::int64_t step_ns);

}  // namespace weir::scenario
