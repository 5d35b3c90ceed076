// What roles share, as the simulation keeps it.
#pragma once

#include <cstdint>
#include <vector>

#include "harness/stress/explore/clocks.hpp"

namespace weir::explore {

/// Spreads a state over 64 bits, in an order that matters.
[[nodiscard]] constexpr std::uint64_t mix(std::uint64_t hash, std::uint64_t with) noexcept {
  hash = (hash ^ with) * 0x9e3779b97f4a7c15;
  return hash ^ hash >> 29;
}

/// An atomic object: lies where the algorithm has it, and finds its Location.
struct Word {
  std::uint64_t initial = 0;
  mutable std::uint32_t run = 0;  ///< in which `location` is valid
  mutable std::uint32_t location = 0;
  std::uint32_t born = 0;  ///< the clock of its maker
  std::uint8_t maker = 0;
};

/// One store in an atomic object's modification order, which here is the order of execution.
struct Stored {
  std::uint64_t value = 0;
  std::uint64_t id = 0;              ///< hash of all that led to it
  Knowledge known;                   ///< what an acquire load of it brings
  Clocks noticed = Clocks::never();  ///< when each role first read or wrote it
};

struct Location {
  const void* address = nullptr;
  std::vector<Stored> history;
  Clocks used;  ///< by whom, when last
  std::uint64_t hash = 0;
  bool dead = false;
};

/// A place for one message. The algorithm must order all its uses.
struct Plain {
  std::uint32_t clock = 0;  ///< of `role`, which used it last
  std::uint8_t role = 0;
  bool holds = false;
};

struct Lockable {
  int owner = -1;
  Knowledge known;
  std::uint64_t hash = 0;
};

struct Countable {
  std::uint64_t count = 0;
  Knowledge known;
  std::uint64_t hash = 0;
};

}  // namespace weir::explore
