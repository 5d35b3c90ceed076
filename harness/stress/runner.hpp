// Runs cases over channels, each in a child of its own, and says what came of it.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "harness/child.hpp"
#include "harness/stress/case.hpp"

namespace weir::stress {

enum class Verdict { passed, failed, vacuous, not_applicable };

/// What came of one case over one channel.
struct Outcome {
  std::string channel;
  std::string name;
  Verdict verdict = Verdict::passed;
  std::string reason{};  ///< of a failure: with its witness; of not_applicable: why
  std::string stacks{};  ///< of a hang or a crash
  std::uint64_t seed = 0;
  double seconds = 0;
  Met met{};
};

struct RunOptions {
  double seconds_per_channel = 5;
  std::uint64_t seed = 1;
  Limits limits;
};

/// One case over one channel, in a child. Nothing when it was interrupted.
std::optional<Outcome> run_case(const Case& one, const ChannelEntry& channel, double seconds,
                                const RunOptions& options);

/// All cases over one channel. `done` is called after each. False when it was interrupted.
bool run_channel(const ChannelEntry& channel, const std::vector<const Case*>& cases,
                 const RunOptions& options, const std::function<void(const Outcome&)>& done);

}  // namespace weir::stress
