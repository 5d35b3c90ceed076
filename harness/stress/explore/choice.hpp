// What may happen next, and who decides. All chance in an explored run goes through here, so that
// the list of choices is the run: the same list, the same run.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

namespace weir::explore {

/// One thing that may happen. The first of several is what a calm machine would do; the others
/// cost.
struct Option {
  std::uint8_t what = 0;         ///< the role that runs, or how many stores back a load reads
  std::uint8_t preemptions = 0;  ///< a role that could go on is stopped
  std::uint8_t stale = 0;        ///< a load reads an older store than it could
  std::uint8_t surprises = 0;    ///< a wait ends early or in time, a weak exchange fails, ...
};

enum class Choice : std::uint8_t { role, store, surprise };

class Chooser {
 public:
  virtual ~Chooser() = default;
  /// An index into `options`, of which there are at least two.
  virtual std::size_t choose(Choice kind, std::span<const Option> options) = 0;
  /// Before each step: false ends the run, since all that may follow was seen before.
  virtual bool worthwhile(std::uint64_t /*state*/, std::size_t /*role*/) { return true; }
};

/// Which option was taken, at each point where there were several.
using Choices = std::vector<std::uint8_t>;

}  // namespace weir::explore
