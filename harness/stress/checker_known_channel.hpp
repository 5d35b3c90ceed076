// The states of a channel whose messages come and go in a known order, and the steps between them.
#pragma once

#include <cstdint>
#include <vector>

#include "harness/stress/checker_case.hpp"
#include "harness/stress/checker_sort.hpp"

namespace weir::stress::checker {

using Mask = std::uint64_t;

struct State {
  Mask done = 0;  ///< of the operations under way: those that have had their instant
  Index sent = 0;
  Index taken = 0;
  bool closed = false;

  [[nodiscard]] std::size_t inside() const noexcept { return sent - taken; }
  /// The same channel, with no fewer operations behind it.
  [[nodiscard]] bool covers(const State& other) const noexcept {
    return sent == other.sent && taken == other.taken && closed == other.closed &&
           (done & other.done) == other.done;
  }
};

class KnownChannel {
 public:
  /// The order is the sole sender's program, or what the sole receiver got.
  explicit KnownChannel(const Case& it) : it_(&it), rank_(it.history.operations().size(), kNone) {
    if (it.shape.senders <= 1) {
      for (const Message& message : it.messages) add(message);
      return;
    }
    std::vector<Stamped> takings;  // the sole receiver's: their places in the history are its order
    for (Index i = 0; i < it.messages.size(); ++i) {
      if (it.messages[i].take != kNone) takings.push_back({it.messages[i].take, i});
    }
    sort_by_stamp(takings);
    for (const Stamped& item : takings) add(it.messages[item.index]);
  }

  /// Whether an answer that changes nothing is true.
  [[nodiscard]] bool holds(const State& state, Act act) const noexcept {
    const bool drained = state.sent == state.taken;
    switch (act) {
      case Act::see_full:
        return it_->contract.bound != Bound::unbounded && state.inside() >= it_->capacity;
      case Act::see_empty:
        return drained;
      case Act::send_closed:
        return state.closed;
      case Act::recv_closed:
        return state.closed && (drained || it_->contract.empty != Answer::exact);
      default:
        return false;
    }
  }

  /// Does what changes the channel. False, and the state spoilt, if it cannot be now.
  [[nodiscard]] bool apply(State& state, Index operation) const {
    const bool full = state.inside() >= it_->capacity;
    switch (it_->act(it_->at(operation))) {
      case Act::insert:
        return !(it_->exactly_bounded() && full) && send(state, operation);
      case Act::replace:
        return (full || it_->contract.full != Answer::exact) && take(state, operation + 1) &&
               send(state, operation);
      case Act::take:
        return take(state, operation);
      case Act::close:
        state.closed = true;
        return true;
      default:
        return false;
    }
  }

 private:
  void add(const Message& message) {
    const auto rank = static_cast<Index>(known_taken_.size());
    rank_[message.send] = rank;
    if (message.take != kNone) rank_[message.take] = rank;
    known_taken_.push_back(message.take != kNone);
  }

  /// Messages without a rank were left inside: they come after all others, in any order.
  [[nodiscard]] bool send(State& state, Index operation) const {
    const Index rank = rank_[operation];
    const bool in_turn = rank == kNone ? state.sent >= known_taken_.size() : rank == state.sent;
    if (state.closed || !in_turn) return false;
    ++state.sent;
    return true;
  }

  /// A receive that never returned may have taken what nobody else got.
  [[nodiscard]] bool take(State& state, Index operation) const {
    if (state.taken == state.sent) return false;
    const bool someone_got_it = state.taken < known_taken_.size() && known_taken_[state.taken];
    const bool in_turn =
        it_->at(operation).pending() ? !someone_got_it : rank_[operation] == state.taken;
    if (!in_turn) return false;
    ++state.taken;
    return true;
  }

  const Case* it_;
  std::vector<Index> rank_;          // by operation: of the message that it sends or takes
  std::vector<bool> known_taken_{};  // by rank
};

}  // namespace weir::stress::checker
