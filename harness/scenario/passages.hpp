// The ways of the messages of a leg that were accepted, put together from the logs of all roles.
#pragma once

#include <cstdint>
#include <limits>
#include <vector>

#include "harness/scenario/backpressure.hpp"

namespace weir::scenario {

inline constexpr std::int64_t kNever = std::numeric_limits<std::int64_t>::max();

/// The way of one message that was accepted.
struct Passage {
  std::int64_t due;
  std::int64_t accepted;
  std::int64_t out = kNever;   // received or evicted
  std::int64_t done = kNever;  // served
};

/// By sender, and by their numbers.
std::vector<Passage> passages_of(const Flow& flow);

/// Calls `blocked(sender, begin, end)` for each send that was, cut to the window.
template <class Blocked>
void for_each_blocked(const Flow& flow, const Blocked& blocked) {
  const auto look = [&](std::size_t sender, std::int64_t at, std::int64_t back) {
    if (back - at <= kBlockedNs) return;
    at = std::max(at, flow.window.begin);
    back = std::min(back, flow.window.end);
    if (at < back) blocked(sender, at, back);
  };
  for (std::size_t i = 0; i < flow.senders.size(); ++i) {
    for (const Sent& sent : flow.senders[i].log.sent) look(i, sent.at, sent.back);
    for (const Refusal& refusal : flow.senders[i].refused) look(i, refusal.at, refusal.back);
  }
}

}  // namespace weir::scenario
