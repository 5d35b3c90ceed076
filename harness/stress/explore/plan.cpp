#include "harness/stress/explore/plan.hpp"

#include <fmt/core.h>

#include <algorithm>
#include <array>
#include <charconv>

#include "harness/error.hpp"
#include "harness/stress/explore/clocks.hpp"

namespace weir::explore {
namespace {

constexpr std::array<std::string_view, 8> kActs = {"send",     "try_send",   "send_until", "recv",
                                                   "try_recv", "recv_until", "drain",      "close"};

constexpr std::array<std::string_view, 21> kPlans = {
    // claiming: who is first, what is full and empty
    "1: try_send try_send | try_recv try_recv",
    "2: try_send | try_send try_send | try_recv try_recv",
    "2: try_send try_send | try_recv | try_recv",
    // parking: everyone is woken who must be
    "1: send send | recv recv",
    "2: send send send | recv recv recv",
    "1: send | send | recv recv",
    "1: send send | recv | recv",
    "2: send send | recv | recv",
    "1: send send | recv",
    "1: send | send | recv",
    "1: send recv | send recv",
    "1: send send | try_recv recv",
    "2: send send send | send | recv recv",
    // time-outs that race a message, a wake-up or a close
    "1: send | recv_until | recv_until",
    "2: send send | recv_until | recv",
    "1: send send_until | recv",
    "1: send | send_until | recv",
    "1: send | recv_until recv_until | close",
    // closing: accepted means delivered, and nobody sleeps on
    "1: send send | drain | close",
    "1: send | send close | drain",
    "1: send send | close",
};

std::vector<std::string_view> split(std::string_view text, char at) {
  std::vector<std::string_view> parts;
  for (std::size_t begin = 0; begin <= text.size();) {
    const std::size_t end = std::min(text.find(at, begin), text.size());
    if (end > begin || at != ' ') parts.push_back(text.substr(begin, end - begin));
    begin = end + 1;
  }
  return parts;
}

RolePlan read_role(std::string_view text) {
  RolePlan role;
  for (const std::string_view word : split(text, ' ')) {
    const auto act = std::find(kActs.begin(), kActs.end(), word);
    if (act == kActs.end()) throw unknown("operation", word, {kActs.begin(), kActs.end()});
    role.acts.push_back(static_cast<Act>(act - kActs.begin()));
  }
  if (role.acts.empty()) throw UsageError("a role of the plan does nothing");
  return role;
}

void name_roles(Plan& plan) {
  const auto kind = [](const RolePlan& role) -> std::string {
    if (role.sends() && role.receives()) return "both";
    return role.sends() ? "sender" : role.receives() ? "receiver" : "closer";
  };
  for (std::size_t i = 0; i < plan.roles.size(); ++i) {
    const auto same = [&](const RolePlan& role) { return kind(role) == kind(plan.roles[i]); };
    const auto begin = plan.roles.begin();
    const auto before = std::count_if(begin, begin + static_cast<std::ptrdiff_t>(i), same);
    const bool only = std::count_if(begin, plan.roles.end(), same) == 1;
    plan.roles[i].name = kind(plan.roles[i]) + (only ? "" : fmt::format(" {}", before));
  }
}

bool has(const Plan& plan, Act act) {
  return std::any_of(plan.roles.begin(), plan.roles.end(), [&](const RolePlan& role) {
    return std::find(role.acts.begin(), role.acts.end(), act) != role.acts.end();
  });
}

std::ptrdiff_t count(const Plan& plan, Act act) {
  std::ptrdiff_t found = 0;
  for (const RolePlan& role : plan.roles) {
    found += std::count(role.acts.begin(), role.acts.end(), act);
  }
  return found;
}

/// Whether it waits for ever where no message stays inside.
bool counts_on_room(const Plan& plan) {
  const bool ends = has(plan, Act::close) || has(plan, Act::drain);
  const bool timed = has(plan, Act::send_until) || has(plan, Act::recv_until);
  const bool both = std::any_of(plan.roles.begin(), plan.roles.end(), [](const RolePlan& role) {
    return role.sends() && role.receives();
  });
  return !ends && (timed || both || count(plan, Act::send) != count(plan, Act::recv));
}

}  // namespace

std::string_view name_of(Act act) noexcept { return kActs[static_cast<std::size_t>(act)]; }

bool RolePlan::sends() const noexcept {
  return std::any_of(acts.begin(), acts.end(), [](Act act) { return act <= Act::send_until; });
}
bool RolePlan::receives() const noexcept {
  return std::any_of(acts.begin(), acts.end(),
                     [](Act act) { return act >= Act::recv && act <= Act::drain; });
}

std::string Plan::text() const {
  std::string text = fmt::format("{}:", capacity);
  for (std::size_t i = 0; i < roles.size(); ++i) {
    if (i > 0) text += " |";
    for (const Act act : roles[i].acts) text += fmt::format(" {}", name_of(act));
  }
  return text;
}

Plan read_plan(std::string_view text) {
  Plan plan;
  const std::size_t colon = text.find(':');
  const auto read =
      std::from_chars(text.data(), text.data() + std::min(colon, text.size()), plan.capacity);
  if (colon == std::string_view::npos || read.ec != std::errc{} ||
      read.ptr != text.data() + colon) {
    throw UsageError(fmt::format("'{}' is no plan: write it as '1: send send | recv recv'", text));
  }
  for (const std::string_view role : split(text.substr(colon + 1), '|')) {
    plan.roles.push_back(read_role(role));
  }
  if (plan.roles.size() >= kMostRoles) {
    throw UsageError(fmt::format("a plan has at most {} roles", kMostRoles - 1));
  }
  name_roles(plan);
  return plan;
}

std::string why_not(const Plan& plan, const Contract& contract) {
  const auto senders = std::count_if(plan.roles.begin(), plan.roles.end(),
                                     [](const RolePlan& role) { return role.sends(); });
  const auto receivers = std::count_if(plan.roles.begin(), plan.roles.end(),
                                       [](const RolePlan& role) { return role.receives(); });
  const bool timed = has(plan, Act::send_until) || has(plan, Act::recv_until);
  if (senders > 1 && contract.producers == Side::one) return "it has one sender";
  if (receivers > 1 && contract.consumers == Side::one) return "it has one receiver";
  if (timed && !contract.timed) return "it has no time-outs";
  if (has(plan, Act::close) && contract.close == Close::none) return "it has no close()";
  return std::string(contract.why_not(plan.capacity));
}

std::vector<Plan> plans_for(const Contract& contract) {
  std::vector<Plan> plans;
  for (const std::string_view text : kPlans) {
    Plan plan = read_plan(text);
    if (!why_not(plan, contract).empty()) continue;
    // A message that is dropped or pushed out is one that a receive would wait for in vain.
    const bool waits = count(plan, Act::recv) + count(plan, Act::try_recv) > 1;
    if (contract.overflow != Overflow::block && has(plan, Act::recv) && waits) continue;
    if (contract.bound == Bound::rendezvous && counts_on_room(plan)) continue;
    plans.push_back(std::move(plan));
  }
  return plans;
}

}  // namespace weir::explore
