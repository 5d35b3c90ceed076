// When the roles of a trial stand still, as its scenario has planned it.
#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

#include "harness/case.hpp"
#include "harness/scenario/backpressure.hpp"
#include "harness/scenario/loops.hpp"
#include "harness/scenario/scenario.hpp"

namespace weir::scenario {

class Events {
 public:
  /// Both must stay where they are.
  Events(const Scenario& scenario, const Case& spec) : scenario_(scenario), spec_(spec) {}

  /// Between two operations of the role. In the order of time.
  [[nodiscard]] Stalls between(Role::Kind kind, std::uint32_t index, const Window& window) const {
    return of(kind, index, window, false);
  }
  /// In the middle of an operation of the sender, at `point()`.
  [[nodiscard]] Stalls inside(std::uint32_t sender, const Window& window) const {
    return of(Role::Kind::sender, sender, window, true);
  }
  /// Part of the name of the point where the sender is to stop; empty if nowhere.
  [[nodiscard]] std::string_view point(std::uint32_t sender) const;

  /// All of them, in words. In the order of time.
  [[nodiscard]] std::vector<PlannedStall> planned(const Window& window) const;
  [[nodiscard]] std::int64_t longest_ns() const;

 private:
  [[nodiscard]] Stalls of(Role::Kind kind, std::uint32_t index, const Window& window,
                          bool inside) const;
  [[nodiscard]] std::int64_t length_of(const Stall& stall) const {
    return stall.for_ns > 0 ? stall.for_ns : spec_.stall_ns;
  }
  void add_times(const Stall& stall, const Window& window, Stalls& stalls) const;

  const Scenario& scenario_;
  const Case& spec_;
};

}  // namespace weir::scenario
