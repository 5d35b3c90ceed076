#include "harness/scenario/backpressure.hpp"

#include <algorithm>
#include <limits>

#include "harness/message.hpp"

namespace weir::scenario {
namespace {

constexpr std::int64_t kNever = std::numeric_limits<std::int64_t>::max();
constexpr std::int64_t kQuietNs = 2'000'000;  // what was below its baseline for so long is back

/// The way of one message that was accepted.
struct Passage {
  std::int64_t due;
  std::int64_t accepted;
  std::int64_t out = kNever;   // received or evicted
  std::int64_t done = kNever;  // served
};

bool within(std::int64_t ns, const Window& window) noexcept {
  return ns >= window.begin && ns < window.end;
}

double share(std::int64_t part, std::int64_t whole) noexcept {
  return whole > 0 ? static_cast<double>(part) / static_cast<double>(whole) : 0;
}

std::vector<Passage> passages_of(const Flow& flow) {
  std::vector<Passage> all;
  std::vector<std::size_t> offsets;
  for (const Flow::Sender& sender : flow.senders) {
    offsets.push_back(all.size());
    for (const Sent& sent : sender.log.sent) all.push_back({sent.due, sent.back});
  }
  const auto find = [&](std::uint64_t word) -> Passage* {
    const MessageId id = MessageId::of(word);
    if (id.sender >= flow.senders.size()) return nullptr;  // not a message: the ledger has it
    const SenderLog& log = flow.senders[id.sender].log;
    if (id.sequence < log.first || id.sequence - log.first >= log.sent.size()) return nullptr;
    return &all[offsets[id.sender] + (id.sequence - log.first)];
  };
  for (const auto& receiver : flow.receivers) {
    for (const Received& received : receiver) {
      Passage* const passage = find(received.word);
      if (passage == nullptr) continue;
      passage->out = received.at;
      passage->done = received.done;
      passage->accepted = std::min(passage->accepted, received.at);
    }
  }
  for (const Flow::Sender& sender : flow.senders) {
    for (const Evicted& evicted : sender.evicted) {
      Passage* const passage = find(evicted.word);
      if (passage == nullptr) continue;
      passage->out = evicted.at;
      passage->accepted = std::min(passage->accepted, evicted.at);
    }
  }
  return all;
}

/// The depth over time.
class DepthCurve {
 public:
  explicit DepthCurve(const std::vector<Passage>& passages) {
    for (const Passage& passage : passages) {
      changes_.push_back({passage.accepted, 1});
      if (passage.out != kNever) changes_.push_back({passage.out, -1});
    }
    std::sort(changes_.begin(), changes_.end(), [](const Change& a, const Change& b) {
      return a.at != b.at ? a.at < b.at : a.depth > b.depth;
    });
    std::int64_t depth = 0;
    for (Change& change : changes_) change.depth = depth += change.depth;
  }

  /// Calls `part(begin, end, depth)` for each stretch of one depth between the two times.
  template <class Part>
  void walk(std::int64_t begin, std::int64_t end, const Part& part) const {
    auto next =
        std::upper_bound(changes_.begin(), changes_.end(), begin,
                         [](std::int64_t time, const Change& change) { return time < change.at; });
    std::uint64_t depth = next == changes_.begin() ? 0 : depth_of(*std::prev(next));
    while (begin < end) {
      const std::int64_t until = next == changes_.end() ? end : std::min(next->at, end);
      if (until > begin) part(begin, until, depth);
      begin = until;
      if (next != changes_.end()) depth = depth_of(*next++);
    }
  }

  [[nodiscard]] std::uint64_t deepest(std::int64_t begin, std::int64_t end) const {
    std::uint64_t most = 0;
    walk(begin, end,
         [&](std::int64_t, std::int64_t, std::uint64_t depth) { most = std::max(most, depth); });
    return most;
  }

  [[nodiscard]] double mean(std::int64_t begin, std::int64_t end) const {
    double sum = 0;
    walk(begin, end, [&](std::int64_t from, std::int64_t to, std::uint64_t depth) {
      sum += static_cast<double>(to - from) * static_cast<double>(depth);
    });
    return end > begin ? sum / static_cast<double>(end - begin) : 0;
  }

  /// The depth that is not passed for 99.9 % of the time.
  [[nodiscard]] std::uint64_t usual(std::int64_t begin, std::int64_t end) const {
    std::vector<std::int64_t> time_at;
    walk(begin, end, [&](std::int64_t from, std::int64_t to, std::uint64_t depth) {
      if (time_at.size() <= depth) time_at.resize(depth + 1);
      time_at[depth] += to - from;
    });
    std::int64_t above = (end - begin) / 1000;
    for (std::size_t depth = time_at.size(); depth-- > 0;) {
      above -= time_at[depth];
      if (above < 0) return depth;
    }
    return 0;
  }

  /// When, from `from` on, the depth first stays at `level` or below; kNever if not before `end`.
  [[nodiscard]] std::int64_t settled(std::int64_t from, std::uint64_t level,
                                     std::int64_t end) const {
    std::int64_t since = from;
    std::int64_t found = kNever;
    walk(from, end, [&](std::int64_t, std::int64_t until, std::uint64_t depth) {
      if (found != kNever) return;
      if (depth > level) {
        since = until;
      } else if (until - since >= kQuietNs) {
        found = since;
      }
    });
    return found;
  }

 private:
  struct Change {
    std::int64_t at;
    std::int64_t depth;  // first the change itself
  };
  static std::uint64_t depth_of(const Change& change) noexcept {
    return static_cast<std::uint64_t>(std::max<std::int64_t>(change.depth, 0));
  }
  std::vector<Change> changes_;
};

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
      found.offered += within(window.start + due, window) ? 1U : 0U;
    const bool asap = sender.log.due.empty();
    std::uint64_t accepted = 0;
    for (const Sent& sent : sender.log.sent) {
      found.offered += asap && within(sent.due, window) ? 1U : 0U;
      if (!within(sent.back, window)) continue;
      ++accepted;
      found.sends.record(sent.back - sent.at);
    }
    for (const Refusal& refusal : sender.refused) {
      found.offered += asap && within(refusal.due, window) ? 1U : 0U;
      if (!within(refusal.back, window)) continue;
      count_refusal(found, refusal);
      found.sends.record(refusal.back - refusal.at);
    }
    for (const Evicted& evicted : sender.evicted)
      found.evicted += within(evicted.at, window) ? 1U : 0U;
    found.accepted += accepted;
    found.fairness.accepted.push_back(accepted);
  }
}

void count_received(Backpressure& found, const std::vector<Passage>& passages,
                    const Window& window) {
  for (const Passage& passage : passages) {
    if (passage.done == kNever || !within(passage.out, window)) continue;
    ++found.received;
    found.staleness.record(passage.out - passage.due);
  }
  found.goodput =
      static_cast<double>(found.received) / (static_cast<double>(window.end - window.begin) * 1e-9);
}

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
    if (within(at, window_)) ++(found_.moments[index(at)].*what);
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

Turns turns_of(std::vector<Passage> passages) {
  constexpr std::size_t kPictured = 512;
  Turns turns;
  std::vector<std::pair<std::int64_t, bool>> events;  // false: a send
  for (const Passage& passage : passages) {
    events.emplace_back(passage.accepted, false);
    if (passage.done != kNever) events.emplace_back(passage.out, true);
  }
  if (events.empty()) return turns;
  std::sort(events.begin(), events.end());
  const std::int64_t first = events.front().first;
  std::uint64_t run = 0;
  bool receiving = false;
  std::uint64_t accepted = 0;
  for (const auto& [at, receives] : events) {
    if (receives != receiving) {
      (receiving ? turns.receive_runs : turns.send_runs).push_back(run);
      run = 0;
      receiving = receives;
    }
    ++run;
    accepted += receives ? 0 : 1;
    if (receives && turns.first_receive_ns < 0) {
      turns.first_receive_ns = at - first;
      turns.before_first_receive = accepted;
    }
    auto& pictured = receives ? turns.received_ns : turns.accepted_ns;
    if (pictured.size() < kPictured) pictured.push_back(at - first);
  }
  (receiving ? turns.receive_runs : turns.send_runs).push_back(run);
  std::sort(turns.send_runs.begin(), turns.send_runs.end());
  std::sort(turns.receive_runs.begin(), turns.receive_runs.end());
  return turns;
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
  if (!flow.stalls.empty()) {
    const Responses responses = responses_of(flow, passages);
    for (const PlannedStall& stall : flow.stalls)
      found.recoveries.push_back(recover(stall, flow, passages, curve, responses));
  }
  found.turns = turns_of(passages);
  return found;
}

}  // namespace weir::scenario
