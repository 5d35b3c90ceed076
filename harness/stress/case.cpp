#include "harness/stress/case.hpp"

#include <algorithm>

#include "harness/clock.hpp"
#include "harness/stress/checker.hpp"

namespace weir::stress {

Met& Met::operator+=(const Met& other) noexcept {
  operations += other.operations;
  full += other.full;
  empty += other.empty;
  blocked += other.blocked;
  closed += other.closed;
  timed_out += other.timed_out;
  histories += other.histories;
  undecided += other.undecided;
  return *this;
}

std::string_view About::missing(const Met& met, bool counts_waits) const noexcept {
  if (full && met.full == 0) return "a full channel";
  if (empty && met.empty == 0) return "an empty channel";
  if (blocked && counts_waits && met.blocked == 0) return "an operation that waits";
  if (closed && met.closed == 0) return "a closed channel";
  if (timed_out && met.timed_out == 0) return "a time-out";
  return "";
}

Context::Context(const ChannelEntry& channel, std::uint64_t seed, std::int64_t budget_ns,
                 Board& board)
    : channel_(channel),
      seed_(seed),
      until_ns_(MonotonicClock::now_ns() + budget_ns),
      board_(board),
      random_(seed) {}

std::size_t Context::capacity_from(std::size_t wanted) const {
  // Capacities that exist are powers of two or have a smallest one: a search finds them soon.
  constexpr std::size_t kLargest = std::size_t{1} << 17;
  wanted = std::min(wanted, contract().max_capacity);
  while (wanted < kLargest && !contract().why_not(wanted).empty()) ++wanted;
  return wanted;
}

std::vector<std::size_t> Context::capacities(std::initializer_list<std::size_t> wanted) const {
  std::vector<std::size_t> result;
  for (const std::size_t capacity : wanted) {
    if (contract().why_not(capacity).empty()) result.push_back(capacity);
  }
  if (result.empty()) result.push_back(capacity_from(1));
  return result;
}

bool Context::time_left() const noexcept {
  return failure_.empty() && MonotonicClock::now_ns() < until_ns_;
}

void Context::fail(std::string reason) {
  if (failure_.empty()) failure_ = std::move(reason);
}

void Context::judge(const History& history, std::size_t capacity) {
  const Report report = check(history, contract(), capacity);
  ++met.histories;
  if (report.undecided > 0) ++met.undecided;
  if (!report.violations.empty()) fail(report.text());
}

const std::vector<Case>& all_cases() {
  static const std::vector<Case> cases = [] {
    std::vector<Case> all;
    for (const auto group :
         {one_thread_cases, element_cases, guarantee_cases, waking_cases, delivery_cases,
          history_cases, close_cases, blocking_cases, time_out_cases, policy_cases, load_cases}) {
      for (const Case& one : group()) all.push_back(one);
    }
    return all;
  }();
  return cases;
}

}  // namespace weir::stress
