// weir-stress --explore: searches the schedules of channels that take a Sync policy.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace CLI {
class App;
}

namespace weir::explore {

struct Arguments {
  std::vector<std::string> channels;  ///< globs; empty: nothing is to be explored
  std::string search = "bounded";
  unsigned bound = 2;
  unsigned stale = 1;
  unsigned surprises = 1;
  std::uint64_t runs = UINT64_MAX;
  std::string plan;    ///< empty: all that fit the channel
  std::string replay;  ///< empty: a search
};

/// Adds the flags to the command line.
void add_flags(CLI::App& app, Arguments& arguments);

/// What weir-stress was told beside.
struct Common {
  std::optional<double> seconds;  ///< for each plan; none: until everything was seen
  std::uint64_t seed = 1;
  std::string again;  ///< what the command that shows a finding again begins with
  bool only_file = false;
  bool json = false;
};

/// The exit status: 1 if something was found. Throws UsageError.
int command(const Arguments& arguments, const Common& common);

}  // namespace weir::explore
