// Vector clocks: how far each role had come when something happened.
#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>

namespace weir::explore {

/// Role 0 makes the channel, starts the others, and looks at what is left.
inline constexpr std::size_t kMostRoles = 7;
/// The last entry counts the sequentially consistent operations, whoever did them.
inline constexpr std::size_t kSeqCst = kMostRoles;
inline constexpr std::uint32_t kNotYet = UINT32_MAX;

struct Clocks {
  std::array<std::uint32_t, kMostRoles + 1> at{};

  static Clocks never() noexcept {
    Clocks clocks;
    clocks.at.fill(kNotYet);
    return clocks;
  }
  void join(const Clocks& other) noexcept {
    for (std::size_t i = 0; i < at.size(); ++i) at[i] = std::max(at[i], other.at[i]);
  }
  /// Whether one of the moments in `firsts` had come by now.
  [[nodiscard]] bool reaches_any(const Clocks& firsts) const noexcept {
    bool reached = false;
    for (std::size_t i = 0; i < at.size(); ++i) reached |= firsts.at[i] <= at[i];
    return reached;
  }
  [[nodiscard]] bool covers(const Clocks& other) const noexcept {
    bool covered = true;
    for (std::size_t i = 0; i < at.size(); ++i) covered &= other.at[i] <= at[i];
    return covered;
  }
};

/// What a role, or a message between roles, has behind it.
struct Knowledge {
  Clocks before;  ///< what happened before it: by synchronization, and nothing else
  Clocks seen;    ///< what its loads can no longer miss: that, and more by fences

  void join(const Knowledge& other) noexcept {
    before.join(other.before);
    seen.join(other.seen);
  }
};

}  // namespace weir::explore
