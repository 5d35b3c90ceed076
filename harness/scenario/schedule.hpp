// Schedules: when the messages of a sender are due, made before the first of them is sent. A sender
// that is late never skips a message and never moves the others.
#pragma once

#include <cstdint>
#include <filesystem>
#include <vector>

#include "harness/scenario/words.hpp"

namespace weir::scenario {

/// Numbers from a seed, the same with every standard library. SplitMix64.
class Random {
 public:
  explicit Random(std::uint64_t seed) noexcept : state_(seed) {}
  std::uint64_t next() noexcept {
    std::uint64_t x = state_ += 0x9e3779b97f4a7c15;
    x = (x ^ (x >> 30)) * 0xbf58476d1ce4e5b9;
    x = (x ^ (x >> 27)) * 0x94d049bb133111eb;
    return x ^ (x >> 31);
  }
  /// In [0, 1).
  double uniform() noexcept { return static_cast<double>(next() >> 11) * 0x1p-53; }
  /// Mean 1.
  double exponential() noexcept;

 private:
  std::uint64_t state_;
};

/// What a schedule is made of.
struct Demand {
  Arrivals arrivals;
  double rate = 0;             ///< messages a second of this sender
  std::int64_t length_ns = 0;  ///< all are due before it
  int sender = 0;              ///< of a trace each sender gets every `senders`-th line
  int senders = 1;
  std::filesystem::path folder = {};  ///< where a trace's file is
};

/// Times in ns from the start, ascending. Empty for `asap`. Throws UsageError for a trace that
/// cannot be read.
std::vector<std::int64_t> schedule(const Demand& demand, std::uint64_t seed);

}  // namespace weir::scenario
