// Says whether a recorded history is one that the channel's contract allows, and if not, shows the
// few operations that prove it.
//
// A history is linearizable if each operation can be given one instant within its interval so that
// a queue, used by one thread at those instants, would have answered the same (Herlihy and Wing,
// TOPLAS 1990). Rules are chosen by the contract; README.md in this folder has the table. Each rule
// is sound: what it reports, no correct channel can have done. Where rules alone could miss
// something, a search decides; where that gives up, the report says `undecided`, which is not a
// pass.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "channels/contract.hpp"
#include "harness/stress/history.hpp"

namespace weir::stress {

enum class Rule : std::uint8_t {
  fresh,       ///< received what nobody had sent
  repeat,      ///< one message received twice
  loss,        ///< accepted, and never received although all was drained
  order,       ///< sent before another, received after it
  per_sender,  ///< the same, within one sender
  empty,       ///< `empty` (or `timed_out`) although a message was there all the time
  bound,       ///< more messages inside than the capacity allows; rendezvous: sent before received
  full,        ///< `full` (or `timed_out`, `dropped`, `evicted`) although there was room
  close,       ///< accepted after close, `closed` before it, or `closed` before all was received
  exact,       ///< each rule holds, and yet no order of the operations explains all answers
};
inline constexpr std::size_t kRules = 10;

[[nodiscard]] std::string_view name_of(Rule rule) noexcept;

struct Violation {
  Rule rule = Rule::fresh;
  std::string words;               ///< one sentence
  std::string picture;             ///< the operations' intervals, a line for each thread
  std::vector<Operation> witness;  ///< the operations that prove it
};

struct Report {
  std::vector<Violation> violations;  ///< of each rule the first few
  std::vector<Rule> rules;            ///< those that were applied
  std::size_t operations = 0;
  /// Parts of the history for which neither an explanation nor a violation was found.
  std::size_t undecided = 0;
  /// Whether nothing that the contract forbids could have been missed (if undecided is 0).
  bool complete = false;

  [[nodiscard]] bool passed() const noexcept { return violations.empty() && undecided == 0; }
  [[nodiscard]] bool violates(Rule rule) const noexcept;
  /// All violations, with pictures; one line if there is none.
  [[nodiscard]] std::string text() const;
};

struct CheckOptions {
  std::size_t violations_per_rule = 3;
  /// Whether to search where rules are sound but not complete. Without it: rules only.
  bool search = true;
  /// An attempt of the search (there are two) gives up after this many steps for each operation of
  /// an episode, and 10^5 more.
  std::size_t search_steps_per_operation = 8;
  /// Per-sender order: also between receivers (a receive that ended before another began), not only
  /// among those of one receiver.
  bool per_sender_across_receivers = true;
};

/// Checks the history of one channel. Uses the history only; O(n log n), and O(n) for one sender
/// and one receiver. Throws std::invalid_argument if two accepted messages have the same word.
/// Any thread; keeps nothing.
[[nodiscard]] Report check(const History& history, const Contract& contract, std::size_t capacity,
                           const CheckOptions& options = {});

}  // namespace weir::stress
