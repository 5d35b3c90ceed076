// How far apart two processors see the clock. A message that says when it was written, back and
// forth over one cache line: what it seems to take one way is the way plus the skew, the other way
// the way minus the skew.
#pragma once

#include <cstdint>
#include <vector>

namespace weir::scenario {

/// What a one-way figure is worth here.
struct Skew {
  double skew_ns = 0;             ///< the second processor's clock is ahead by so much
  double uncertainty_ns = 0;      ///< it cannot be further apart than this
  double half_round_trip_ns = 0;  ///< the smallest: below it one way is not resolved

  /// From the smallest times there and back.
  static Skew between(std::int64_t there_ns, std::int64_t back_ns) noexcept;
};

/// With two threads of its own, each on its processor; less than a millisecond when both are free.
Skew measure_skew(int cpu, int other);

/// The first processor against each of the others: the largest skew and uncertainty, the smallest
/// way. All 0 for one processor.
Skew measure_skew(const std::vector<int>& cpus);

}  // namespace weir::scenario
