// Runs a body in a child process of its own and watches it: fresh pages, and a hang, a crash or a
// memory leak ends that child and nobody else.
#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>
#include <functional>
#include <string>

#include "harness/role.hpp"

namespace weir {

struct Limits {
  std::chrono::milliseconds hang_after{10'000};  ///< no role made progress for so long
  std::chrono::milliseconds at_most{180'000};    ///< for the whole child
  std::int64_t memory_kib = 6 << 20;
};

/// Set by the signal handler of an interrupt; a running child ends at once.
extern std::atomic<bool> interrupted;

struct ChildOutcome {
  std::string text;     ///< what the body returned; empty when it did not come to its end
  std::string failure;  ///< hang, signal, exit, memory; empty when all was well
  std::string reason;   ///< one line, with each role's state
  std::string stacks;   ///< of a hang or a crash: what its threads were doing
};

/// Forks and calls `body` in the child; its roles report on the board. The calling process must
/// have one thread. Throws std::system_error when no process can be made.
ChildOutcome run_in_child(const std::function<std::string(Board&)>& body, const Limits& limits);

}  // namespace weir
