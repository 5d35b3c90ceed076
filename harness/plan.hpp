// The plan front: one round of a suite in this process, every trial in a child of its own, one
// result line each.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "harness/run_trial.hpp"
#include "harness/suite.hpp"

namespace weir {

struct PlanOptions {
  std::filesystem::path suite;
  std::filesystem::path out;
  std::uint64_t seed = 1;
  int round = 0;
  Selection selection;
  Limits limits;
};

/// Runs the trials of the round that `out` does not have yet, in an order drawn from seed and
/// round. Prints one JSON line of progress for each on stdout. Returns the exit status: 0, 1 when a
/// trial failed, 130 when interrupted. Throws UsageError.
int run_round(const PlanOptions& options);

/// Prints what a round would do, as JSON.
int describe_round(const PlanOptions& options);

/// The seed of one trial: depends on run, round and case, not on the order.
std::uint64_t trial_seed(std::uint64_t seed, int round, const std::string& id);

}  // namespace weir
