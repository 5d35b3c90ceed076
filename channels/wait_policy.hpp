// How a blocking operation waits: pauses first, then gives up the core, then sleeps. A policy says
// how much of each.
#pragma once

#include "channels/contract.hpp"

namespace weir {

/// Pauses for ever: lowest latency while every thread has a core of its own; a whole time slice
/// lost when not.
struct Spin {
  static constexpr Wait kWait = Wait::spin;
  static constexpr int kPauses = 0;
  static constexpr int kYields = 0;
};

/// Pauses, then sched_yield for ever.
struct Yield {
  static constexpr Wait kWait = Wait::yield;
  static constexpr int kPauses = 64;
  static constexpr int kYields = 0;
};

/// Pauses, a few sched_yield (which let the other side run when both share a core), then sleeps on
/// a futex.
struct Park {
  static constexpr Wait kWait = Wait::park;
  static constexpr int kPauses = 32;
  static constexpr int kYields = 8;
};

/// The steps of one wait under a policy.
template <class Policy, class Sync>
class WaitSteps {
 public:
  /// True when it is time to sleep. Otherwise it has paused or given up the core.
  [[nodiscard]] bool next() noexcept {
    if constexpr (Policy::kWait == Wait::spin) {
      Sync::pause();
      return false;
    } else {
      if (steps_ < Policy::kPauses) {
        ++steps_;
        Sync::pause();
        return false;
      }
      if (Policy::kWait == Wait::park && steps_ >= Policy::kPauses + Policy::kYields) return true;
      if (Policy::kWait == Wait::park) ++steps_;
      Sync::yield();
      return false;
    }
  }
  void restart() noexcept { steps_ = 0; }

 private:
  int steps_ = 0;
};

}  // namespace weir
