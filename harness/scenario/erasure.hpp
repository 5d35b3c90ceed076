// What the erasure costs: send and receive through AnyChannel against the same with everything
// inlined. A sender pays for its call, a receiver for its own. Whoever measures over erased
// channels says what that cost, and refuses figures of which it is too large a part.
#pragma once

#include <algorithm>
#include <string>
#include <vector>

#include "harness/any_channel.hpp"
#include "harness/record.hpp"

namespace weir::scenario {

/// The most that it may cost, of the time between two messages of a role.
inline constexpr double kMostErasure = 0.02;

struct Erasure {
  SideTimes direct;  ///< inlined
  SideTimes erased;  ///< over a virtual call each

  [[nodiscard]] double send_ns() const noexcept { return std::max(erased.send - direct.send, 0.0); }
  [[nodiscard]] double recv_ns() const noexcept { return std::max(erased.recv - direct.recv, 0.0); }

  /// Of the time between two messages of a role, at so many messages a second over all senders.
  [[nodiscard]] double share(double rate, int producers, int consumers) const noexcept;
  /// Why there are no figures at that rate; empty when there are.
  [[nodiscard]] std::string why_not(double rate, int producers, int consumers) const;
  /// For a record.
  [[nodiscard]] Json json() const;
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

/// The same for a channel of a case. A rendezvous has none: nobody can be on both of its sides.
template <class T>
Erasure erasure_of(const AnyFactoryOf<T>& factory, const Contract& contract, std::size_t capacity) {
  if (contract.bound == Bound::rendezvous) return {};
  const std::size_t at_once = std::min(kAtOnce, contract.max_capacity);
  return measure_erasure(*factory.make(std::max(capacity, at_once)), at_once);
}

}  // namespace weir::scenario
