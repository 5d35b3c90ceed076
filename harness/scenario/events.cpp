#include "harness/scenario/events.hpp"

#include <algorithm>
#include <string>

namespace weir::scenario {
namespace {

bool is_of(const Stall& stall, Role::Kind kind, std::uint32_t index) noexcept {
  return stall.kind == kind && static_cast<std::uint32_t>(stall.index) == index;
}

std::string words_of(const Stall& stall) {
  const std::string who = stall.kind == Role::Kind::sender ? "sender " : "receiver ";
  return who + std::to_string(stall.index) + (stall.point.empty() ? "" : " in " + stall.point);
}

}  // namespace

void Events::add_times(const Stall& stall, const Window& window, Stalls& stalls) const {
  const std::int64_t length = length_of(stall);
  if (length == 0) return;
  for (std::int64_t at = window.begin + stall.at_ns; at < window.end; at += stall.every_ns) {
    stalls.push_back({at, at + length});
    if (stall.every_ns == 0) break;
  }
}

Stalls Events::of(Role::Kind kind, std::uint32_t index, const Window& window, bool inside) const {
  Stalls stalls;
  for (const Stall& stall : scenario_.stalls) {
    if (is_of(stall, kind, index) && stall.point.empty() != inside)
      add_times(stall, window, stalls);
  }
  std::sort(stalls.begin(), stalls.end(), [](Gap a, Gap b) { return a.begin < b.begin; });
  return stalls;
}

std::string_view Events::point(std::uint32_t sender) const {
  for (const Stall& stall : scenario_.stalls) {
    if (is_of(stall, Role::Kind::sender, sender) && !stall.point.empty()) return stall.point;
  }
  return {};
}

std::vector<PlannedStall> Events::planned(const Window& window) const {
  std::vector<PlannedStall> all;
  for (const Stall& stall : scenario_.stalls) {
    Stalls times;
    add_times(stall, window, times);
    for (const Gap& time : times) all.push_back({words_of(stall), time});
  }
  std::sort(all.begin(), all.end(), [](const PlannedStall& a, const PlannedStall& b) {
    return a.when.begin < b.when.begin;
  });
  return all;
}

std::int64_t Events::longest_ns() const {
  std::int64_t longest = 0;
  for (const Stall& stall : scenario_.stalls) longest = std::max(longest, length_of(stall));
  return longest;
}

}  // namespace weir::scenario
