#include "harness/scenario/skew.hpp"

#include <algorithm>
#include <atomic>
#include <cmath>
#include <limits>
#include <thread>

#include "channels/sync.hpp"
#include "harness/scenario/time.hpp"
#include "harness/system.hpp"

namespace weir::scenario {
namespace {

constexpr std::uint32_t kTurns = 2'000;

/// On one cache line, so that a turn is one transfer.
struct alignas(128) Line {
  std::atomic<std::uint32_t> turn{0};
  std::int64_t written_ns = 0;  // published by the turn
};

/// Plays every second turn; the smallest time that the other's line seemed to be under way.
std::int64_t play(Line& line, int cpu, std::uint32_t first) {
  sys::pin_to(cpu);
  std::int64_t smallest = std::numeric_limits<std::int64_t>::max();
  for (std::uint32_t turn = first; turn < kTurns; turn += 2) {
    // acquire: partner is the release below
    while (line.turn.load(std::memory_order_acquire) != turn) StdSync::pause();
    const std::int64_t now = RealTime::now_ns();
    if (turn > 0) smallest = std::min(smallest, now - line.written_ns);
    line.written_ns = RealTime::now_ns();
    line.turn.store(turn + 1, std::memory_order_release);
  }
  return smallest;
}

}  // namespace

Skew Skew::between(std::int64_t there_ns, std::int64_t back_ns) noexcept {
  const auto there = static_cast<double>(there_ns);
  const auto back = static_cast<double>(back_ns);
  return {(there - back) / 2, std::max(there, back), (there + back) / 2};
}

Skew measure_skew(int cpu, int other) {
  Line line;
  std::int64_t there = 0;
  std::int64_t back = 0;
  {
    std::jthread partner([&] { there = play(line, other, 1); });
    std::jthread me([&] { back = play(line, cpu, 0); });
  }
  return Skew::between(there, back);
}

Skew measure_skew(const std::vector<int>& cpus) {
  Skew worst;
  for (std::size_t i = 1; i < cpus.size(); ++i) {
    const Skew one = measure_skew(cpus[0], cpus[i]);
    if (std::fabs(one.skew_ns) > std::fabs(worst.skew_ns)) worst.skew_ns = one.skew_ns;
    worst.uncertainty_ns = std::max(worst.uncertainty_ns, one.uncertainty_ns);
    worst.half_round_trip_ns = i == 1 ? one.half_round_trip_ns
                                      : std::min(worst.half_round_trip_ns, one.half_round_trip_ns);
  }
  // Two of the others may be apart by what each is from the first.
  if (cpus.size() > 2) worst.uncertainty_ns *= 2;
  return worst;
}

}  // namespace weir::scenario
