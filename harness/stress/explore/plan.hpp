// What the roles of an explored run do to a channel, as one line of text:
//
//   "1: send send | recv | close"     capacity 1; three roles, each does its operations in order
//
// Each operation ends by itself in any schedule of a correct channel, or the plan is wrong: there
// must be a receive for each send that may wait for one, and a message or a close() for each
// receive.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "channels/contract.hpp"

namespace weir::explore {

enum class Act : std::uint8_t {
  send,
  try_send,
  send_until,  ///< with a deadline that may pass at any moment
  recv,
  try_recv,
  recv_until,
  drain,  ///< recv until the channel is closed
  close,
};
[[nodiscard]] std::string_view name_of(Act act) noexcept;

struct RolePlan {
  std::string name;  ///< "sender 1"
  std::vector<Act> acts;

  [[nodiscard]] bool sends() const noexcept;
  [[nodiscard]] bool receives() const noexcept;
};

struct Plan {
  std::size_t capacity = 1;
  std::vector<RolePlan> roles;

  [[nodiscard]] std::string text() const;
};

/// Throws UsageError.
[[nodiscard]] Plan read_plan(std::string_view text);

/// Why a channel of that contract cannot play the plan; empty when it can.
[[nodiscard]] std::string why_not(const Plan& plan, const Contract& contract);

/// Parking, claiming and closing at capacities 1 and 2, with 2 and 3 roles: those of the built-in
/// plans that a channel of that contract can play.
[[nodiscard]] std::vector<Plan> plans_for(const Contract& contract);

}  // namespace weir::explore
