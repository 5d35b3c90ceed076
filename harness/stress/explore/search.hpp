// Runs a body again and again, until something is wrong or enough was seen.
#pragma once

#include <cstdint>
#include <string>

#include "harness/stress/explore/choosers.hpp"
#include "harness/stress/explore/world.hpp"

namespace weir::explore {

enum class Search : std::uint8_t { bounded, random, pct };

struct Options {
  Search search = Search::bounded;
  Bounds bounds;
  std::uint64_t seed = 1;
  double seconds = 10;                   ///< ends the search
  std::uint64_t most_runs = UINT64_MAX;  ///< so does this
  std::uint64_t most_steps = 5000;       ///< of one run: more are a finding
};

struct Report {
  std::uint64_t schedules = 0;  ///< runs, those that were given up included
  std::uint64_t steps = 0;
  std::uint64_t states = 0;  ///< different ones, in a bounded search
  bool exhausted = false;    ///< everything within the bounds was seen
  double seconds = 0;
  Ending finding;   ///< trouble none: nothing was found
  Choices choices;  ///< of the run that found it

  [[nodiscard]] bool found() const noexcept { return finding.trouble != Trouble::none; }
};

/// Any thread, one at a time.
Report explore(const World::Body& body, const Options& options);

/// One run, as text: who did what, in order, a column for each role.
struct Traced {
  std::string text;
  Ending ending;
};
Traced trace(const World::Body& body, const Choices& choices, std::uint64_t most_steps);

}  // namespace weir::explore
