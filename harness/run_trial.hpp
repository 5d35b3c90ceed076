// Runs a case in a child process of its own: fresh pages, and a hang, a crash or a memory leak is
// that trial's failure and nobody else's.
#pragma once

#include <cstdint>
#include <optional>

#include "harness/child.hpp"
#include "harness/record.hpp"

namespace weir {

/// Forks, runs, watches. The calling process must have one thread. Returns the record (see
/// describe()), or nothing when it was interrupted. Throws std::system_error when no process can be
/// made.
std::optional<Json> run_trial(const Case& spec, std::uint64_t seed, const Timing& timing,
                              const Limits& limits);

}  // namespace weir
