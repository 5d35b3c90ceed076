#include "harness/scenario/latency.hpp"

#include <algorithm>
#include <limits>

#include "harness/message.hpp"

namespace weir::scenario {
namespace {

/// Sorted, and those that overlap made one.
std::vector<Gap> joined(std::vector<Gap> gaps) {
  std::sort(gaps.begin(), gaps.end(), [](Gap a, Gap b) { return a.begin < b.begin; });
  std::vector<Gap> result;
  for (const Gap gap : gaps) {
    if (!result.empty() && gap.begin <= result.back().end) {
      result.back().end = std::max(result.back().end, gap.end);
    } else {
      result.push_back(gap);
    }
  }
  return result;
}

bool overlaps(const std::vector<Gap>& gaps, std::int64_t begin, std::int64_t end) noexcept {
  const auto after =
      std::upper_bound(gaps.begin(), gaps.end(), begin,
                       [](std::int64_t time, const Gap& gap) { return time < gap.end; });
  return after != gaps.end() && after->begin < end;
}

void count_gaps(Latency& latency, const std::vector<Gap>& gaps, const Window& window) {
  for (const Gap& gap : gaps) {
    if (!window.contains(gap.begin)) continue;
    ++latency.gaps;
    latency.gap_ns += gap.end - gap.begin;
    latency.longest_gap_ns = std::max(latency.longest_gap_ns, gap.end - gap.begin);
  }
}

std::vector<Interval> intervals_of(const Window& window, std::int64_t length) {
  std::vector<Interval> intervals;
  for (std::int64_t at = window.begin; at < window.end; at += length)
    intervals.push_back({at, std::min(length, window.end - at), {}});
  return intervals;
}

}  // namespace

Latency evaluate(std::span<const SenderLog> senders,
                 std::span<const std::span<const Received>> receivers, const Window& window,
                 std::vector<Gap> gaps, std::int64_t interval_ns) {
  Latency latency;
  latency.intervals = intervals_of(window, interval_ns);
  latency.smallest_transit_ns = std::numeric_limits<std::int64_t>::max();
  gaps = joined(std::move(gaps));
  count_gaps(latency, gaps, window);
  for (const SenderLog& sender : senders) {
    latency.refused += sender.refused;
    for (const std::int64_t due : sender.due)
      latency.scheduled += window.contains(window.start + due) ? 1U : 0U;
    if (!sender.due.empty()) continue;
    for (const Sent& sent : sender.sent) latency.scheduled += window.contains(sent.due) ? 1U : 0U;
  }
  std::uint64_t came_out = 0;
  for (const std::span<const Received> log : receivers) {
    for (const Received& received : log) {
      came_out += window.contains(received.at) ? 1U : 0U;
      const MessageId id = MessageId::of(received.word);
      if (id.sender >= senders.size()) continue;  // not a message at all: the ledger has it
      const SenderLog& sender = senders[id.sender];
      if (id.sequence < sender.first || id.sequence - sender.first >= sender.sent.size()) continue;
      const Sent& sent = sender.sent[id.sequence - sender.first];
      if (!window.contains(sent.due)) continue;
      ++latency.arrived;
      const std::int64_t response = received.done - sent.due;
      latency.response.record(response);
      latency.transit.record(received.at - sent.at);
      latency.lag.record(sent.at - sent.due);
      latency.smallest_transit_ns = std::min(latency.smallest_transit_ns, received.at - sent.at);
      if (overlaps(gaps, sent.due, received.done)) latency.disturbed.record(response);
      const auto interval = static_cast<std::size_t>((sent.due - window.begin) / interval_ns);
      latency.intervals[interval].response.record(response);
    }
  }
  const std::uint64_t known = latency.arrived + latency.refused;
  latency.undelivered = latency.scheduled > known ? latency.scheduled - known : 0;
  latency.response.record_beyond(latency.undelivered);
  if (latency.arrived == 0) latency.smallest_transit_ns = 0;
  const double seconds = window.seconds();
  latency.offered = static_cast<double>(latency.scheduled) / seconds;
  latency.achieved = static_cast<double>(came_out) / seconds;
  return latency;
}

}  // namespace weir::scenario
