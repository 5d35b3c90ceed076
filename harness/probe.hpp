// What makes a struct a probe: a name, a summary, the parameters of its ids, the message types it
// runs with, and
//   template <class C> static void run(Trial&);
// for a blocking channel C, which makes the channel, adds the roles, plays, verifies and reports.
#pragma once

#include <array>
#include <string_view>

#include "harness/message.hpp"
#include "harness/trial.hpp"

namespace weir {

template <class... Ts>
struct Types {};

template <class P>
concept Probe = requires {
  typename P::Messages;
  { P::kName } -> std::convertible_to<std::string_view>;
  { P::kSummary } -> std::convertible_to<std::string_view>;
  P::kKeys.begin();
};

}  // namespace weir
