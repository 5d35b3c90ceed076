// Work that takes a known time: a chain of dependent arithmetic that no core can overlap with
// itself.
#pragma once

#include <cstdint>

namespace weir {

/// Runs `steps` dependent multiply-adds.
inline void work(std::uint64_t steps) noexcept {
  std::uint64_t x = steps;
  for (std::uint64_t i = 0; i < steps; ++i) {
    x = x * 0x5851f42d4c957f2d + 1;
    asm volatile("" : "+r"(x));
  }
}

/// Steps of work() in one nanosecond on this core, now. Takes about 200 us.
double work_steps_per_ns() noexcept;

/// Dependent additions per nanosecond: about the effective clock in GHz, whatever the processor
/// claims. About 250 us.
double canary_ghz() noexcept;

}  // namespace weir
