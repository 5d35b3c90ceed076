// What the parts of the checker share: the history with its messages matched, and where violations
// go. Internal to the checker.
#pragma once

#include <cstdint>
#include <limits>
#include <string>
#include <vector>

#include "harness/stress/checker.hpp"

namespace weir::stress::checker {

/// An operation's place in the history, or a message's among the messages.
using Index = std::uint32_t;
inline constexpr Index kNone = std::numeric_limits<Index>::max();

/// What an operation means to a queue, as far as the contract holds it to its answer.
enum class Act : std::uint8_t {
  insert,       ///< accepted a message (or never returned, and may have)
  replace,      ///< accepted a message and evicted the oldest
  take,         ///< received a message (or never returned, and may have)
  see_full,     ///< says that there was no room
  see_empty,    ///< says that there was no message
  send_closed,  ///< says that the channel was closed
  recv_closed,  ///< says that it was closed and drained
  close,
  nothing  ///< says nothing that was promised
};
[[nodiscard]] Act act_of(const Operation& operation, const Contract& contract) noexcept;

/// An accepted message: who sent it, and who took it out (a receive or an eviction).
struct Message {
  Index send = kNone;
  Index take = kNone;
};

/// The instant of close() lies in here, ends included.
struct CloseWindow {
  Stamp earliest = 0;
  Stamp latest = kNever;  ///< kNever also when there was no close()
};

/// Who did what, in numbers.
struct Shape {
  std::size_t senders = 0;    ///< threads that sent or tried to
  std::size_t receivers = 0;  ///< threads that received or tried to
  std::size_t sender = 0;     ///< one of them
  std::size_t receiver = 0;
  std::size_t replaced = 0;  ///< answers, as far as they were promised
  std::size_t seen_full = 0;
  std::size_t seen_empty = 0;
  std::size_t told_closed = 0;
  std::size_t closes = 0;   ///< calls of close()
  std::size_t pending = 0;  ///< operations that never returned
  /// Operations whose interval overlaps that of the one before in their thread (batches, widened
  /// intervals): there the program says more than the stamps.
  std::size_t overlapping = 0;
};
[[nodiscard]] Shape shape_of(const History& history, const Contract& contract) noexcept;

/// One history being checked.
struct Case {
  const History& history;
  const Contract& contract;
  std::size_t capacity;
  const CheckOptions& options;
  Report& report;
  Shape shape;
  std::vector<Message> messages{};  ///< in the order of the history: by thread, then program order
  CloseWindow close{};
  Stamp pending_recv = kNever;  ///< when the first receive that never returned was invoked
  bool matched = true;          ///< every message is accounted for: nothing fresh, repeated or lost

  [[nodiscard]] const Operation& at(Index index) const noexcept {
    return history.operations()[index];
  }
  [[nodiscard]] bool exactly_bounded() const noexcept { return contract.bound == Bound::exact; }
  [[nodiscard]] Act act(const Operation& operation) const noexcept {
    return act_of(operation, contract);
  }

  // The interval in which a message was put in, and the one in which it was taken out, each ended
  // (begun) by the other: what was taken out was in by then. kNever: it is still inside.
  [[nodiscard]] Stamp insert_begin(const Message& message) const noexcept {
    return at(message.send).invoked;
  }
  [[nodiscard]] Stamp insert_end(const Message& message) const noexcept {
    if (!certain(message)) return kNever;
    Stamp end = at(message.send).responded;
    if (message.take != kNone && at(message.take).responded < end) end = at(message.take).responded;
    return close.latest < end ? close.latest : end;  // accepted: so it was before the close
  }
  [[nodiscard]] Stamp take_begin(const Message& message) const noexcept {
    const Stamp begin = message.take != kNone ? at(message.take).invoked : pending_recv;
    const Stamp sent = at(message.send).invoked;
    return sent > begin ? sent : begin;
  }
  [[nodiscard]] Stamp take_end(const Message& message) const noexcept {
    return message.take != kNone ? at(message.take).responded : kNever;
  }

  /// Whether another violation of the rule is worth the words.
  [[nodiscard]] bool wants(Rule rule) const noexcept;
  void violation(Rule rule, std::string words, const std::vector<Index>& witness);
  /// Whether the message was accepted for sure: a send that never returned may not have done it.
  [[nodiscard]] bool certain(const Message& message) const noexcept {
    return message.take != kNone || !at(message.send).pending();
  }
  [[nodiscard]] std::string message_name(const Message& message) const;
};

// The rules, one file each. Those that need the messages matched come after match_messages().
void match_messages(Case& it);    // fresh, repeat, loss
void check_close(Case& it);       // close; finds the window
void check_order(Case& it);       // order
void check_per_sender(Case& it);  // per_sender
void check_presence(Case& it);    // empty, bound
void check_full(Case& it);        // full

/// What an exact check found. One sender and one receiver: checker_precedence.hpp.
enum class Verdict : std::uint8_t { explained, impossible, undecided, not_applicable };

/// The order of the messages is known (one sender or one receiver): all states at once, in time.
[[nodiscard]] Verdict check_known_order(Case& it);
/// Any history: a search in each episode that ends with the channel empty. Counts undecided ones.
void check_episodes(Case& it);

}  // namespace weir::stress::checker
