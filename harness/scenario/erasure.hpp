// What the erasure costs: a pair of send and receive through AnyChannel against the same pair with
// everything inlined.
#pragma once

#include <algorithm>
#include <array>
#include <cstdint>
#include <vector>

#include "harness/any_channel.hpp"
#include "harness/clock.hpp"

namespace weir::scenario {

struct Erasure {
  double direct_ns = 0;  ///< a pair, inlined
  double erased_ns = 0;  ///< a pair, over two virtual calls

  [[nodiscard]] double cost_ns() const noexcept { return std::max(erased_ns - direct_ns, 0.0); }
};

/// Measures on the calling thread, in turns, medians: about 20 ms. `channel` is not used by anybody
/// else and holds a message.
template <class T>
Erasure measure_erasure(AnyChannelOf<T>& channel) {
  constexpr int kSlices = 41;
  constexpr std::uint64_t kPairs = 2'000;
  const auto slice = [](const auto& pass) {
    const std::int64_t start = MonotonicClock::now_ns();
    pass();
    return static_cast<double>(MonotonicClock::now_ns() - start) / static_cast<double>(kPairs);
  };
  std::vector<double> direct;
  std::vector<double> erased;
  for (int i = 0; i < kSlices; ++i) {
    // Handles anew in both, so that both pay for them.
    direct.push_back(slice([&] { static_cast<void>(channel.pass(kPairs)); }));
    erased.push_back(slice([&] {
      const auto sender = channel.sender();
      const auto receiver = channel.receiver();
      pass_pairs<T>(*sender, *receiver, kPairs);
    }));
  }
  const auto median = [](std::vector<double>& values) {
    std::nth_element(values.begin(), values.begin() + kSlices / 2, values.end());
    return values[kSlices / 2];
  };
  return {median(direct), median(erased)};
}

}  // namespace weir::scenario
