// An episode: senders and receivers work on one channel until it ends, and then everything is
// accounted for, message by message. Most cases are episodes with different plans.
#pragma once

#include <cstddef>
#include <cstdint>

#include "harness/stress/case.hpp"
#include "harness/stress/crew.hpp"

namespace weir::stress {

/// How often, of a hundred operations, which form is used; the rest block. Forms that the channel
/// does not have fall back to the next one: timed to tries, batches and tries to blocking.
struct Mix {
  int tries = 0;
  int timed = 0;
  int batches = 0;  ///< of one to five messages; not in recorded episodes
};

/// Who closes, and when. Channels without close() end by one end mark for each receiver.
enum class Ending { after_senders, racing };

struct Plan {
  int senders = 1;
  int receivers = 1;
  std::size_t capacity = 1;
  std::uint64_t messages = 1000;  ///< of each sender
  Mix send{};
  Mix recv{};
  Ending ending = Ending::after_senders;
  Pin pin = Pin::all;
  /// Each thread pauses before one of so many operations, by a draw: nothing, a yield, some
  /// microseconds, rarely a millisecond. 0: never.
  int pause_one_in = 0;
  /// Pauses of receivers only: messages pile up.
  int receiver_pause_one_in = 0;
  /// Each sender but the first goes away at some message, by a draw, and never comes back; handles
  /// of those who stay are made anew now and then.
  bool leaving = false;
  /// Every operation is stamped, and the history checked against the contract.
  bool record = false;
  /// Timer signals interrupt the threads all the time.
  bool signals = false;
};

/// Runs it. Fails the case when a message is lost, doubled, out of its sender's order, was never
/// sent, or when the recorded history breaks the contract. Messages that the channel dropped or
/// evicted are accounted for as such.
void run_episode(Context& context, const Plan& plan);

/// Shrinks the numbers of threads to what the contract allows, and the number of messages of those
/// who spin on too few processors.
Plan allowed(const Context& context, Plan plan);

}  // namespace weir::stress
