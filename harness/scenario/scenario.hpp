// Scenarios are data: TOML files that say what senders and receivers do. One driver runs them all,
// over any channel. See workloads/scenarios/.
//
//   summary = "..."
//   measure = "latency"   or "knee", "round_trip"
//   rate = 100000         every key of a case may stand here; a suite may override it
//   service = "20us"
//
//   [[event]]
//   stall = "receiver 0"  the role does nothing ...
//   at = "100ms"          ... from then on, counted from the start of the window,
//   for = "50ms"          ... for so long,
//   every = "1s"          ... again and again; once without it
//
// A scenario is a workload of its name. A suite can name a file of its own instead: one whose name
// ends in .toml, beside the suite.
#pragma once

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
  std::int64_t at_ns = 0;  ///< after the start of the window
  std::int64_t for_ns = 0;
  std::int64_t every_ns = 0;  ///< 0: once
};

enum class Measure {
  latency,    ///< response, transit and lag at one rate
  knee,       ///< the highest rate at which p99 stays under a bound
  round_trip  ///< as latency, but each message is answered through a oneshot of its own
};

struct Scenario {
  std::string name;
  std::string summary;
  Measure measure = Measure::latency;
  Case base;
  std::vector<Stall> stalls;
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
