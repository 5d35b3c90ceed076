// Ways through the choices of a run.
#pragma once

#include <array>
#include <random>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

#include "harness/stress/explore/choice.hpp"
#include "harness/stress/explore/state_set.hpp"

namespace weir::explore {

/// Mostly goes on as it is, and takes each costly option with a small chance.
class RandomChooser : public Chooser {
 public:
  explicit RandomChooser(std::uint64_t seed) : dice_(seed) {}
  std::size_t choose(Choice kind, std::span<const Option> options) override;

 private:
  std::minstd_rand dice_;
};

/// Probabilistic concurrency testing (Burckhardt, Kothari, Musuvathi, Nagarakatte, ASPLOS 2010):
/// the role with the highest priority runs; at `depth` - 1 random steps the one that runs falls to
/// the lowest. Stale reads and surprises are random.
class PctChooser : public Chooser {
 public:
  PctChooser(std::uint64_t seed, unsigned depth, std::uint64_t most_steps);
  std::size_t choose(Choice kind, std::span<const Option> options) override;

 private:
  std::mt19937_64 dice_;
  std::array<std::uint64_t, 8> priority_;
  std::vector<std::uint64_t> falls_;
  std::uint64_t lowest_ = 0;
  std::uint64_t steps_ = 0;
};

/// What a run may cost in a bounded search.
struct Bounds {
  unsigned preemptions = 2;
  unsigned stale = 1;
  unsigned surprises = 1;
};

/// All runs within bounds, depth first. A state that was met before with the same bounds left is
/// not gone into again.
class BoundedChooser : public Chooser {
 public:
  explicit BoundedChooser(Bounds bounds) : bounds_(bounds) {}
  std::size_t choose(Choice kind, std::span<const Option> options) override;
  bool worthwhile(std::uint64_t state, std::size_t role) override;
  /// To the next run; false when there is none.
  bool next();
  [[nodiscard]] std::size_t states() const noexcept { return met_.size(); }

 private:
  struct Point {
    std::size_t begin = 0;  ///< of its options, in options_
    std::size_t taken = 0;
    Bounds left;
  };
  static bool within(const Option& option, const Bounds& left) noexcept;

  Bounds bounds_;
  std::vector<Point> path_;
  std::vector<Option> options_;
  std::size_t depth_ = 0;
  Bounds left_ = bounds_;
  StateSet met_;
};

/// One run again.
class ReplayChooser : public Chooser {
 public:
  explicit ReplayChooser(Choices choices) : choices_(std::move(choices)) {}
  std::size_t choose(Choice kind, std::span<const Option> options) override;

 private:
  Choices choices_;
  std::size_t depth_ = 0;
};

/// "12:1,40:2": the points at which not the first option was taken. "-": none.
[[nodiscard]] std::string written(const Choices& choices);
/// Throws UsageError.
[[nodiscard]] Choices read_choices(std::string_view text);

}  // namespace weir::explore
