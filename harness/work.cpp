#include "harness/work.hpp"

#include <algorithm>
#include <limits>

#include "harness/clock.hpp"

namespace weir {
namespace {

/// The smallest time of three, since a host gap can only make one longer.
template <class Body>
double quickest_ns(Body body) noexcept {
  auto best = std::numeric_limits<std::int64_t>::max();
  for (int i = 0; i < 3; ++i) {
    const std::int64_t start = MonotonicClock::now_ns();
    body();
    best = std::min(best, MonotonicClock::now_ns() - start);
  }
  return static_cast<double>(std::max<std::int64_t>(best, 1));
}

}  // namespace

double work_steps_per_ns() noexcept {
  constexpr std::uint64_t kSteps = 50'000;
  return static_cast<double>(kSteps) / quickest_ns([] { work(kSteps); });
}

double canary_ghz() noexcept {
  constexpr std::uint64_t kAdds = 300'000;
  return static_cast<double>(kAdds) / quickest_ns([] {
           std::uint64_t x = 0;
           for (std::uint64_t i = 0; i < kAdds; i += 4) {
             // four to an iteration, so that the loop's own counter is hidden behind them
             for (int k = 0; k < 4; ++k) {
               x += i;
               asm volatile("" : "+r"(x));
             }
           }
         });
}

}  // namespace weir
