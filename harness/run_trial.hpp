// Runs a case in a child process of its own: fresh pages, and a hang, a crash or a memory leak is
// that trial's failure and nobody else's.
#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>
#include <optional>

#include "harness/record.hpp"

namespace weir {

struct Limits {
  std::chrono::milliseconds hang_after{10'000};  ///< no role made progress for so long
  std::chrono::milliseconds at_most{180'000};    ///< for the whole trial
  std::int64_t memory_kib = 6 << 20;
};

/// Set by the signal handler of an interrupt; a running trial ends at once.
extern std::atomic<bool> interrupted;

/// Forks, runs, watches. The calling process must have one thread. Returns the record (see
/// describe()), or nothing when it was interrupted. Throws std::system_error when no process can be
/// made.
std::optional<Json> run_trial(const Case& spec, std::uint64_t seed, const Timing& timing,
                              const Limits& limits);

}  // namespace weir
