// Exact check where the order of the messages is known, from the sole sender's program or from what
// the sole receiver got, but `full` (or `empty`) was answered to several threads, so that each of
// these answers may belong to several instants.
//
// All states in which the channel may be are carried through time: how many messages were sent (p)
// and taken (q), whether it is closed, and which of the operations under way have had their
// instant. That is little, since the order leaves no choice of the next message. An operation is
// given its instant only when one must return (just-in-time linearization: G. Lowe, "Testing for
// linearizability", CPPE 2017); an answer that changes nothing gets it as soon as it fits.
#include <algorithm>
#include <array>
#include <bit>

#include "harness/stress/checker_known_channel.hpp"
#include "harness/stress/checker_witness.hpp"

namespace weir::stress::checker {
namespace {

constexpr std::size_t kMostStates = 4096;
constexpr std::size_t kMostUnderWay = 64;

/// An operation under way.
struct Slot {
  Index operation = kNone;
  std::size_t thread = 0;
  Act act = Act::nothing;
  Mask after = 0;  // those of its thread that come before it
};

class KnownOrder {
 public:
  explicit KnownOrder(Case& it) : it_(&it), channel_(it) {
    const History& history = it.history;
    thread_of_.reserve(history.operations().size());
    for (std::size_t thread = 0; thread < history.threads(); ++thread) {
      thread_of_.resize(history.end_of(thread), static_cast<std::uint32_t>(thread));
    }
    for (Index i = 0; i < history.operations().size(); ++i) {
      if (it.act(it.at(i)) == Act::nothing) continue;
      begins_.push_back({it.at(i).invoked, i});
      if (!it.at(i).pending()) ends_.push_back({it.at(i).responded, i});
    }
    sort_by_stamp(begins_);
    sort_by_stamp(ends_);
  }

  Verdict run() {
    auto begin = begins_.begin();
    for (const Stamped& end : ends_) {
      for (; begin != begins_.end() && begin->at <= end.at; ++begin) {
        if (!invoke(begin->index)) return Verdict::undecided;
      }
      const Verdict verdict = respond(end.index);
      if (verdict != Verdict::explained) return verdict;
    }
    return Verdict::explained;
  }

 private:
  bool invoke(Index operation) {
    const int free = std::countr_one(under_way_);
    if (free == kMostUnderWay) return false;
    const std::size_t thread = thread_of_[operation];
    Slot& slot = slots_[static_cast<std::size_t>(free)];
    slot = {operation, thread, it_->act(it_->at(operation)), 0};
    for (Mask left = under_way_; left != 0; left &= left - 1) {
      const auto other = static_cast<std::size_t>(std::countr_zero(left));
      if (slots_[other].thread == thread) slot.after |= Mask{1} << other;
    }
    under_way_ |= Mask{1} << free;
    return true;
  }

  Verdict respond(Index operation) {
    std::size_t number = 0;
    while ((under_way_ >> number & 1) == 0 || slots_[number].operation != operation) ++number;
    const Mask bit = Mask{1} << number;
    returned_.clear();
    waiting_.clear();
    for (const State& state : states_) add((state.done & bit) != 0 ? returned_ : waiting_, state);
    for (std::size_t i = 0; i < waiting_.size(); ++i) {
      expand(waiting_[i], bit);
      if (waiting_.size() + returned_.size() > kMostStates) return Verdict::undecided;
    }
    if (returned_.empty()) {
      report(operation);
      return Verdict::impossible;
    }
    under_way_ &= ~bit;
    for (Mask left = under_way_; left != 0; left &= left - 1) {
      slots_[static_cast<std::size_t>(std::countr_zero(left))].after &= ~bit;
    }
    for (State& state : returned_) state.done &= ~bit;
    states_.swap(returned_);
    return Verdict::explained;
  }

  /// One operation further, until the one that must return has had its instant.
  void expand(State state, Mask wanted) {
    const Mask answers = settle(state);
    if ((answers & wanted) != 0) return add(returned_, state);
    for (Mask left = under_way_ & ~state.done; left != 0; left &= left - 1) {
      const auto number = static_cast<std::size_t>(std::countr_zero(left));
      const Slot& slot = slots_[number];
      State next = state;
      if ((slot.after & ~state.done) != 0 || !channel_.apply(next, slot.operation)) continue;
      next.done |= left & (~left + 1);
      add((next.done & wanted) != 0 ? returned_ : waiting_, next);
    }
  }

  /// Gives their instant to all answers that are true now; they change nothing.
  Mask settle(State& state) const {
    const Mask before = state.done;
    for (Mask last = ~before; last != state.done;) {
      last = state.done;  // again: one may have waited for another of its thread
      for (Mask left = under_way_ & ~state.done; left != 0; left &= left - 1) {
        const Slot& slot = slots_[static_cast<std::size_t>(std::countr_zero(left))];
        if ((slot.after & ~state.done) != 0 || !channel_.holds(state, slot.act)) continue;
        state.done |= left & (~left + 1);
      }
    }
    return state.done & ~before;
  }

  static void add(std::vector<State>& states, const State& state) {
    const auto covers = [&](const State& other) { return other.covers(state); };
    if (std::none_of(states.begin(), states.end(), covers)) states.push_back(state);
  }

  void report(Index operation) {
    std::size_t fewest = kNoLimit;
    std::size_t most = 0;
    for (const State& state : waiting_) {
      fewest = std::min(fewest, state.inside());
      most = std::max(most, state.inside());
    }
    std::vector<Index> witness{operation};
    for (Mask left = under_way_; left != 0; left &= left - 1) {
      const Index other = slots_[static_cast<std::size_t>(std::countr_zero(left))].operation;
      if (other != operation) witness.push_back(other);
    }
    const Operation& failed = it_->at(operation);
    it_->violation(Rule::exact,
                   who(failed) + " got " + std::string(answer(failed)) + " in " +
                       when(failed, origin_of(it_->history)) +
                       ", which no order of the operations explains: with those then under way, " +
                       std::to_string(fewest) + " to " + std::to_string(most) + " of " +
                       std::to_string(it_->capacity) + " messages can have been inside",
                   witness);
  }

  Case* it_;
  KnownChannel channel_;
  std::vector<std::uint32_t> thread_of_;
  std::vector<Stamped> begins_;
  std::vector<Stamped> ends_;
  std::array<Slot, kMostUnderWay> slots_{};
  Mask under_way_ = 0;
  std::vector<State> states_{State{}};
  std::vector<State> waiting_;
  std::vector<State> returned_;
};

}  // namespace

Verdict check_known_order(Case& it) {
  const bool known = it.shape.senders <= 1 || (it.shape.receivers <= 1 && it.shape.replaced == 0);
  return known ? KnownOrder(it).run() : Verdict::not_applicable;
}

}  // namespace weir::stress::checker
