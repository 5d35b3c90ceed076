#include "harness/scenario/recovery.hpp"

#include <algorithm>
#include <utility>

namespace weir::scenario {
namespace {

/// Responses, by the time when messages were due.
using Responses = std::vector<std::pair<std::int64_t, std::int64_t>>;

/// What was lost by policy has none; what never came has one without end.
Responses responses_of(const Flow& flow, const std::vector<Passage>& passages) {
  Responses responses;
  for (const Passage& passage : passages) {
    if (passage.done != kNever) responses.emplace_back(passage.due, passage.done - passage.due);
    if (passage.out == kNever) responses.emplace_back(passage.due, kNever);
  }
  for (const Flow::Sender& sender : flow.senders) {
    // In the order of the schedule each was sent or refused, until the sender gave up.
    const std::size_t tried = sender.log.sent.size() + sender.refused.size();
    for (std::size_t i = tried; i < sender.log.due.size(); ++i)
      responses.emplace_back(flow.window.start + sender.log.due[i], kNever);
  }
  std::sort(responses.begin(), responses.end());
  return responses;
}

/// When messages were due whose responses, and those of all later ones for a while, are what they
/// were in `calm`.
std::int64_t response_settled(const Responses& responses, const Gap& calm, const Gap& stall,
                              std::int64_t end) {
  std::vector<std::int64_t> before;
  for (const auto& [due, response] : responses) {
    if (due >= calm.begin && due < calm.end) before.push_back(response);
  }
  if (before.empty()) return kNever;
  const auto usual = before.begin() + static_cast<std::ptrdiff_t>(before.size() * 999 / 1000);
  std::nth_element(before.begin(), usual, before.end());
  std::int64_t since = stall.end;
  bool seen = false;  // a message since then
  for (const auto& [due, response] : responses) {
    if (due < stall.end) continue;
    if (response > *usual) {
      since = due + 1;
      seen = false;
    } else {
      if (seen && due - since >= kQuietNs) break;
      seen = true;
    }
  }
  return seen && since + kQuietNs <= end ? since : kNever;
}

/// The longest of the times between two of `finished` that touches the stall.
std::int64_t stood(std::vector<std::int64_t> finished, const Window& window, const Gap& stall) {
  finished.push_back(window.start);
  finished.push_back(window.end);
  std::sort(finished.begin(), finished.end());
  std::int64_t longest = 0;
  for (std::size_t i = 1; i < finished.size(); ++i) {
    if (finished[i - 1] < stall.end && finished[i] > stall.begin)
      longest = std::max(longest, finished[i] - finished[i - 1]);
  }
  return longest;
}

std::vector<std::int64_t> standing(const Flow& flow, const Gap& stall) {
  std::vector<std::int64_t> longest;
  for (const Flow::Sender& sender : flow.senders) {
    std::vector<std::int64_t> finished;
    for (const Sent& sent : sender.log.sent) finished.push_back(sent.back);
    for (const Refusal& refusal : sender.refused) finished.push_back(refusal.back);
    longest.push_back(stood(std::move(finished), flow.window, stall));
  }
  for (const auto& receiver : flow.receivers) {
    std::vector<std::int64_t> finished;
    for (const Received& received : receiver) finished.push_back(received.at);
    longest.push_back(stood(std::move(finished), flow.window, stall));
  }
  return longest;
}

/// Due before `time`, and by then neither received nor lost.
std::uint64_t backlog_at(std::int64_t time, const Flow& flow,
                         const std::vector<Passage>& passages) {
  std::uint64_t due = 0;
  std::uint64_t gone = 0;
  for (const Flow::Sender& sender : flow.senders) {
    for (const std::int64_t at : sender.log.due) due += flow.window.start + at < time ? 1U : 0U;
    for (const Refusal& refusal : sender.refused) gone += refusal.back <= time ? 1U : 0U;
    if (!sender.log.due.empty()) continue;
    for (const Sent& sent : sender.log.sent) due += sent.due < time ? 1U : 0U;
    for (const Refusal& refusal : sender.refused) due += refusal.due < time ? 1U : 0U;
  }
  for (const Passage& passage : passages) gone += passage.out <= time ? 1U : 0U;
  return due > gone ? due - gone : 0;
}

Recovery recover(const PlannedStall& planned, const Flow& flow,
                 const std::vector<Passage>& passages, const DepthCurve& curve,
                 const Responses& responses) {
  const Gap& stall = planned.when;
  const Window& window = flow.window;
  Recovery recovery;
  recovery.what = planned.what;
  recovery.begin_ns = stall.begin - window.begin;
  recovery.length_ns = stall.end - stall.begin;
  recovery.backlog = backlog_at(stall.end, flow, passages);
  const Gap calm{window.begin, flow.stalls.front().when.begin};
  recovery.baseline_depth = curve.usual(calm.begin, calm.end);
  const std::int64_t back = curve.settled(stall.end, recovery.baseline_depth, window.end);
  const std::int64_t over = back == kNever ? window.end : back;
  recovery.peak_depth = curve.deepest(stall.begin, std::max(over, stall.end));
  if (back != kNever) recovery.depth_ns = back - stall.end;
  const std::int64_t responsive = response_settled(responses, calm, stall, window.end);
  if (responsive != kNever) recovery.response_ns = responsive - stall.end;
  std::uint64_t drained = 0;
  for (const Passage& passage : passages)
    drained += passage.done != kNever && passage.out >= stall.end && passage.out < over ? 1U : 0U;
  if (over > stall.end)
    recovery.drain_rate =
        static_cast<double>(drained) / (static_cast<double>(over - stall.end) * 1e-9);
  for (const Flow::Sender& sender : flow.senders) {
    const auto during = [&](std::int64_t at) { return at >= stall.begin && at < over ? 1U : 0U; };
    for (const Refusal& refusal : sender.refused) recovery.lost += during(refusal.back);
    for (const Evicted& evicted : sender.evicted) recovery.lost += during(evicted.at);
  }
  for_each_blocked(flow, [&](std::size_t, std::int64_t begin, std::int64_t end) {
    recovery.blocked_ns +=
        std::max<std::int64_t>(0, std::min(end, over) - std::max(begin, stall.begin));
  });
  recovery.stood_ns = standing(flow, stall);
  return recovery;
}

}  // namespace

std::vector<Recovery> recoveries_of(const Flow& flow, const std::vector<Passage>& passages,
                                    const DepthCurve& curve) {
  std::vector<Recovery> all;
  if (flow.stalls.empty()) return all;
  const Responses responses = responses_of(flow, passages);
  for (const PlannedStall& stall : flow.stalls)
    all.push_back(recover(stall, flow, passages, curve, responses));
  return all;
}

}  // namespace weir::scenario
