// Scenarios are data: TOML files that say what senders and receivers do. One driver runs them all,
// over any channel. See workloads/scenarios/.
//
//   summary = "..."
//   measure = "latency"   or "knee", "round_trip", "backpressure"
//   rate = 100000         every key of a case may stand here; a suite may override it
//   service = "20us"
//
//   [[event]]
//   stall = "receiver 0"  the role does nothing ...
//   at = "100ms"          ... from then on, counted from the start of the window,
//   for = "50ms"          ... for so long (without it: as long as the case's `stall` says),
//   every = "1s"          ... again and again; once without it
//   in = "send.publish"   in the middle of an operation, at a named point of an own channel
//
// A scenario is a workload of its name. A suite can name a file of its own instead: one whose name
// ends in .toml, beside the suite.
#pragma once

#include <algorithm>
#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include "harness/case.hpp"
#include "harness/role.hpp"
#include "harness/scenario/words.hpp"

namespace weir::scenario {

/// A role stands still.
struct Stall {
  Role::Kind kind = Role::Kind::receiver;
  int index = 0;
  std::int64_t at_ns = 0;     ///< after the start of the window
  std::int64_t for_ns = 0;    ///< 0: as the case says
  std::int64_t every_ns = 0;  ///< 0: once
  std::string point = {};     ///< part of the name of a point; empty: between two operations
};

enum class Measure {
  latency,      ///< response, transit and lag at one rate
  knee,         ///< the highest rate at which p99 stays under a bound
  round_trip,   ///< as latency, but each message is answered through a oneshot of its own
  backpressure  ///< as latency, and what became of the messages that found no room
};

struct Scenario {
  std::string name;
  std::string summary;
  Measure measure = Measure::latency;
  Case base;
  std::vector<Stall> stalls;
  /// Whether threads are to stop in the middle of an operation.
  [[nodiscard]] bool pauses_inside() const noexcept {
    return std::any_of(stalls.begin(), stalls.end(),
                       [](const Stall& stall) { return !stall.point.empty(); });
  }
  std::filesystem::path folder;  ///< where the files of traces are
};

/// Throws UsageError, with the place in the file and the nearest valid word.
Scenario parse_scenario(std::string_view toml, std::string_view file);

/// Enters the scenarios that were compiled in, as workloads.
void enter_scenarios();
/// Reads a file and enters it; what is there under that name already stays. Its name. Throws
/// UsageError.
std::string enter_scenario_file(const std::filesystem::path& file);

/// The scenario that a workload's name stands for; nullptr if it is none.
const Scenario* find_scenario(std::string_view name);

}  // namespace weir::scenario
