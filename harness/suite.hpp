// Suites are data: TOML files that say which cases a run has. See harness/suites/.
//
//   rounds = 7            fresh processes; every case once in each
//   warm_up_ms = 20
//   window_ms = 100
//   layouts = 3           optional: so many orders of the same functions in the program take turns
//   by
//                         round (scripts/weir run does that)
//
//   [[case]]
//   workload = "throughput"
//   channels = ["*"]      globs, with ! to take some out; what a channel cannot do becomes "not
//                         applicable", with the reason
//   topology = ["1x1"]    senders x receivers
//   cap = [1024]          every other key is a parameter; lists are crossed
//   only = "file"         optional: only channels of the user's own file
#pragma once

#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include "harness/case.hpp"
#include "harness/trial.hpp"

namespace weir {

struct PlannedCase {
  Case spec;
  std::string id;
  Timing timing;
};

struct Suite {
  int rounds = 1;
  int layouts = 1;
  std::vector<PlannedCase> cases;
};

/// What the user restricts a suite to.
struct Selection {
  std::vector<std::string> channels;  ///< globs; empty: all
  std::string filter;                 ///< POSIX extended regular expression over ids; empty: all
};

/// Throws UsageError, with the place in the file and the nearest valid word.
Suite read_suite(const std::filesystem::path& file, const Selection& selection);
Suite parse_suite(std::string_view toml, std::string_view name, const Selection& selection);

/// The last glob that matches decides; one that begins with `!` takes out again.
bool matches_any(std::string_view text, const std::vector<std::string>& globs);

/// `*` and `?`.
bool matches_glob(std::string_view text, std::string_view glob);

}  // namespace weir
