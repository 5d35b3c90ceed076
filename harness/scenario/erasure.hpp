// What the erasure costs: send and receive through AnyChannel against the same with everything
// inlined. A sender pays for its call, a receiver for its own.
#pragma once

#include <algorithm>
#include <vector>

#include "harness/any_channel.hpp"

namespace weir::scenario {

struct Erasure {
  SideTimes direct;  ///< inlined
  SideTimes erased;  ///< over a virtual call each

  [[nodiscard]] double send_ns() const noexcept { return std::max(erased.send - direct.send, 0.0); }
  [[nodiscard]] double recv_ns() const noexcept { return std::max(erased.recv - direct.recv, 0.0); }
};

/// Measures on the calling thread, in turns, medians: about 20 ms. `channel` is not used by anybody
/// else, is empty and holds `at_once` messages.
template <class T>
Erasure measure_erasure(AnyChannelOf<T>& channel, std::size_t at_once) {
  constexpr int kSlices = 41;
  constexpr std::size_t kMessages = 32 * kAtOnce;
  const auto rounds = static_cast<int>(kMessages / at_once);
  std::vector<SideTimes> direct;
  std::vector<SideTimes> erased;
  for (int i = 0; i < kSlices; ++i) {
    direct.push_back(channel.time_sides(rounds, at_once));
    const auto sender = channel.sender();
    const auto receiver = channel.receiver();
    erased.push_back(time_sides<T>(*sender, *receiver, rounds, at_once));
  }
  const auto median = [](std::vector<SideTimes>& times, double SideTimes::*side) {
    const auto middle = times.begin() + kSlices / 2;
    std::nth_element(times.begin(), middle, times.end(),
                     [side](const SideTimes& a, const SideTimes& b) { return a.*side < b.*side; });
    return (*middle).*side;
  };
  const auto medians = [&median](std::vector<SideTimes>& times) {
    const double send = median(times, &SideTimes::send);
    return SideTimes{send, median(times, &SideTimes::recv)};
  };
  return {medians(direct), medians(erased)};
}

}  // namespace weir::scenario
