#include "harness/scenario/turns.hpp"

#include <algorithm>
#include <utility>

namespace weir::scenario {

Turns turns_of(const std::vector<Passage>& passages) {
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

}  // namespace weir::scenario
