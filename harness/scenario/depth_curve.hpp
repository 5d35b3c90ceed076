// The depth of a channel over time, counted from the ways of its messages.
#pragma once

#include <algorithm>
#include <cstdint>
#include <vector>

#include "harness/scenario/passages.hpp"

namespace weir::scenario {

/// What was below its baseline for so long is back.
inline constexpr std::int64_t kQuietNs = 2'000'000;

/// The depth over time.
class DepthCurve {
 public:
  explicit DepthCurve(const std::vector<Passage>& passages) {
    for (const Passage& passage : passages) {
      changes_.push_back({passage.accepted, 1});
      if (passage.out != kNever) changes_.push_back({passage.out, -1});
    }
    std::sort(changes_.begin(), changes_.end(), [](const Change& a, const Change& b) {
      return a.at != b.at ? a.at < b.at : a.depth > b.depth;
    });
    std::int64_t depth = 0;
    for (Change& change : changes_) change.depth = depth += change.depth;
  }

  /// Calls `part(begin, end, depth)` for each stretch of one depth between the two times.
  template <class Part>
  void walk(std::int64_t begin, std::int64_t end, const Part& part) const {
    auto next =
        std::upper_bound(changes_.begin(), changes_.end(), begin,
                         [](std::int64_t time, const Change& change) { return time < change.at; });
    std::uint64_t depth = next == changes_.begin() ? 0 : depth_of(*std::prev(next));
    while (begin < end) {
      const std::int64_t until = next == changes_.end() ? end : std::min(next->at, end);
      if (until > begin) part(begin, until, depth);
      begin = until;
      if (next != changes_.end()) depth = depth_of(*next++);
    }
  }

  [[nodiscard]] std::uint64_t deepest(std::int64_t begin, std::int64_t end) const {
    std::uint64_t most = 0;
    walk(begin, end,
         [&](std::int64_t, std::int64_t, std::uint64_t depth) { most = std::max(most, depth); });
    return most;
  }

  [[nodiscard]] double mean(std::int64_t begin, std::int64_t end) const {
    double sum = 0;
    walk(begin, end, [&](std::int64_t from, std::int64_t to, std::uint64_t depth) {
      sum += static_cast<double>(to - from) * static_cast<double>(depth);
    });
    return end > begin ? sum / static_cast<double>(end - begin) : 0;
  }

  /// The depth that is not passed for 99.9 % of the time.
  [[nodiscard]] std::uint64_t usual(std::int64_t begin, std::int64_t end) const {
    std::vector<std::int64_t> time_at;
    walk(begin, end, [&](std::int64_t from, std::int64_t to, std::uint64_t depth) {
      if (time_at.size() <= depth) time_at.resize(depth + 1);
      time_at[depth] += to - from;
    });
    std::int64_t above = (end - begin) / 1000;
    for (std::size_t depth = time_at.size(); depth-- > 0;) {
      above -= time_at[depth];
      if (above < 0) return depth;
    }
    return 0;
  }

  /// When, from `from` on, the depth first stays at `level` or below; kNever if not before `end`.
  [[nodiscard]] std::int64_t settled(std::int64_t from, std::uint64_t level,
                                     std::int64_t end) const {
    std::int64_t since = from;
    std::int64_t found = kNever;
    walk(from, end, [&](std::int64_t, std::int64_t until, std::uint64_t depth) {
      if (found != kNever) return;
      if (depth > level) {
        since = until;
      } else if (until - since >= kQuietNs) {
        found = since;
      }
    });
    return found;
  }

 private:
  struct Change {
    std::int64_t at;
    std::int64_t depth;  // first the change itself
  };
  static std::uint64_t depth_of(const Change& change) noexcept {
    return static_cast<std::uint64_t>(std::max<std::int64_t>(change.depth, 0));
  }
  std::vector<Change> changes_;
};

}  // namespace weir::scenario
