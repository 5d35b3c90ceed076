// What the cases that are episodes have in common: how threads work, and how often a plan is run.
#pragma once

#include <algorithm>

#include "harness/stress/episode.hpp"

namespace weir::stress {

inline constexpr Mix kTries{.tries = 100};
inline constexpr Mix kTimed{.timed = 100};
inline constexpr Mix kMixed{.tries = 30, .timed = 30};

/// Runs the plan, with other seeds, until the time is up.
inline void repeat(Context& context, const Plan& plan) {
  do {
    run_episode(context, allowed(context, plan));
  } while (context.time_left());
}

/// One core, a tenth of the messages: each wait gives the core to another thread. Not for who
/// spins: its waits last as long as the kernel lets them.
inline Plan on_one_core(const Context& context, Plan plan) {
  if (context.contract().wait == Wait::spin) return plan;
  plan.pin = Pin::one;
  plan.messages = std::max<std::uint64_t>(plan.messages / 10, 50);
  return plan;
}

/// The same at each of several capacities, in turns: over all cores, then on one.
template <std::size_t... kCapacities>
void over_capacities(Context& context, Plan plan) {
  do {
    for (const std::size_t capacity : {kCapacities...}) {
      plan.capacity = capacity;
      run_episode(context, allowed(context, plan));
      if (context.failed()) return;
      if (plan.pin != Pin::all) continue;
      run_episode(context, allowed(context, on_one_core(context, plan)));
      if (context.failed()) return;
    }
  } while (context.time_left());
}

}  // namespace weir::stress
