#include "harness/scenario/backpressure.hpp"

#include <algorithm>

#include "harness/scenario/depth_curve.hpp"
#include "harness/scenario/recovery.hpp"
#include "harness/scenario/turns.hpp"

namespace weir::scenario {
namespace {

double share(std::int64_t part, std::int64_t whole) noexcept {
  return whole > 0 ? static_cast<double>(part) / static_cast<double>(whole) : 0;
}

void count_refusal(Backpressure& found, const Refusal& refusal) {
  switch (refusal.status) {
    case SendStatus::full:
      ++found.full;
      break;
    case SendStatus::dropped:
      ++found.dropped;
      break;
    default:
      ++found.timed_out;
  }
}

void count(Backpressure& found, const Flow& flow) {
  const Window& window = flow.window;
  for (const Flow::Sender& sender : flow.senders) {
    for (const std::int64_t due : sender.log.due)
      found.offered += window.contains(window.start + due) ? 1U : 0U;
    const bool asap = sender.log.due.empty();
    std::uint64_t accepted = 0;
    for (const Sent& sent : sender.log.sent) {
      found.offered += asap && window.contains(sent.due) ? 1U : 0U;
      if (!window.contains(sent.back)) continue;
      ++accepted;
      found.sends.record(sent.back - sent.at);
    }
    for (const Refusal& refusal : sender.refused) {
      found.offered += asap && window.contains(refusal.due) ? 1U : 0U;
      if (!window.contains(refusal.back)) continue;
      count_refusal(found, refusal);
      found.sends.record(refusal.back - refusal.at);
    }
    for (const Evicted& evicted : sender.evicted)
      found.evicted += window.contains(evicted.at) ? 1U : 0U;
    found.accepted += accepted;
    found.fairness.accepted.push_back(accepted);
  }
}

void count_received(Backpressure& found, const std::vector<Passage>& passages,
                    const Window& window) {
  for (const Passage& passage : passages) {
    if (passage.done == kNever || !window.contains(passage.out)) continue;
    ++found.received;
    found.staleness.record(passage.out - passage.due);
  }
  found.goodput =
      static_cast<double>(found.received) / (static_cast<double>(window.end - window.begin) * 1e-9);
}

/// The longest time in which the sender had something due and nothing was accepted.
std::int64_t starved(const Flow::Sender& sender, const Window& window) {
  std::int64_t longest = 0;
  std::int64_t last = window.begin;  // when something was accepted
  std::int64_t since = kNever;       // when the first of what is refused since was due
  auto refusal = sender.refused.begin();
  const auto pass_refusals = [&](std::int64_t until) {
    for (; refusal != sender.refused.end() && refusal->at < until; ++refusal)
      since = std::min(since, std::max(refusal->due, last));
  };
  for (const Sent& sent : sender.log.sent) {
    pass_refusals(sent.at);
    const std::int64_t from = std::min(since, std::max(sent.due, last));
    since = kNever;
    last = std::max(last, sent.back);
    longest = std::max(longest, std::min(sent.back, window.end) - from);
  }
  pass_refusals(window.end);
  if (since != kNever) longest = std::max(longest, window.end - since);
  return longest;
}

void judge_fairness(Fairness& fairness, const Flow& flow) {
  double sum = 0;
  double squares = 0;
  for (const std::uint64_t accepted : fairness.accepted) {
    sum += static_cast<double>(accepted);
    squares += static_cast<double>(accepted) * static_cast<double>(accepted);
  }
  const auto n = static_cast<double>(fairness.accepted.size());
  fairness.jain = squares > 0 ? sum * sum / (n * squares) : 1;
  for (const Flow::Sender& sender : flow.senders)
    fairness.starved_ns = std::max(fairness.starved_ns, starved(sender, flow.window));
}

class Steps {
 public:
  Steps(Backpressure& found, const Window& window) : found_(found), window_(window) {
    const std::int64_t length = window.end - window.begin;
    const std::int64_t steps = (length + found.step_ns - 1) / found.step_ns;
    found_.moments.resize(static_cast<std::size_t>(steps));
  }
  void add(std::int64_t at, std::uint64_t Moment::*what) {
    if (window_.contains(at)) ++(found_.moments[index(at)].*what);
  }
  void deepen(std::int64_t begin, std::int64_t end, std::uint64_t depth) {
    for (std::size_t i = index(begin); i <= index(end - 1); ++i)
      found_.moments[i].deepest = std::max(found_.moments[i].deepest, depth);
  }
  void block(std::int64_t begin, std::int64_t end) {
    while (begin < end) {
      const std::size_t i = index(begin);
      const std::int64_t next = window_.begin + static_cast<std::int64_t>(i + 1) * found_.step_ns;
      const std::int64_t until = std::min(end, next);
      found_.moments[i].blocked += share(until - begin, found_.step_ns);
      begin = until;
    }
  }

 private:
  [[nodiscard]] std::size_t index(std::int64_t at) const noexcept {
    return static_cast<std::size_t>((at - window_.begin) / found_.step_ns);
  }
  Backpressure& found_;
  const Window& window_;
};

void fill_moments(Backpressure& found, const Flow& flow, const std::vector<Passage>& passages,
                  const DepthCurve& curve) {
  Steps steps(found, flow.window);
  for (const Passage& passage : passages) {
    steps.add(passage.accepted, &Moment::accepted);
    if (passage.done != kNever) steps.add(passage.out, &Moment::received);
  }
  for (const Flow::Sender& sender : flow.senders) {
    for (const Refusal& refusal : sender.refused) steps.add(refusal.back, &Moment::lost);
    for (const Evicted& evicted : sender.evicted) steps.add(evicted.at, &Moment::lost);
  }
  curve.walk(flow.window.begin, flow.window.end,
             [&](std::int64_t begin, std::int64_t end, std::uint64_t depth) {
               steps.deepen(begin, end, depth);
             });
  std::vector<std::int64_t> blocked(flow.senders.size());
  for_each_blocked(flow, [&](std::size_t sender, std::int64_t begin, std::int64_t end) {
    blocked[sender] += end - begin;
    steps.block(begin, end);
  });
  for (const std::int64_t ns : blocked)
    found.blocked_share.push_back(share(ns, flow.window.end - flow.window.begin));
}

}  // namespace

Backpressure evaluate(const Flow& flow, std::int64_t step_ns) {
  Backpressure found;
  found.step_ns = step_ns;
  const std::vector<Passage> passages = passages_of(flow);
  const DepthCurve curve(passages);
  count(found, flow);
  count_received(found, passages, flow.window);
  judge_fairness(found.fairness, flow);
  found.deepest = curve.deepest(flow.window.begin, flow.window.end);
  found.mean_depth = curve.mean(flow.window.begin, flow.window.end);
  fill_moments(found, flow, passages, curve);
  found.recoveries = recoveries_of(flow, passages, curve);
  found.turns = turns_of(passages);
  return found;
}

}  // namespace weir::scenario
