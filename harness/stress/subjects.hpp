// What there is to attack: each channel as it is measured and, if it takes a Sync policy, a second
// time with seeded delays at every atomic operation and named point.
#pragma once

#include <string_view>
#include <vector>

#include "harness/registry.hpp"

namespace weir::stress {

/// Ends the name of a channel that runs under DelaySync.
inline constexpr std::string_view kDelays = "@delays";

/// The channel's name without it.
[[nodiscard]] constexpr std::string_view measured_name(std::string_view subject) noexcept {
  return subject.ends_with(kDelays) ? subject.substr(0, subject.size() - kDelays.size()) : subject;
}

/// Sorted by name; the one with delays after the one without.
const std::vector<ChannelEntry>& subjects();

}  // namespace weir::stress
