// The definition of linearizability, tried out: every order of the operations that respects their
// intervals and their threads, on a queue. Shares no code with the checker.
#pragma once

#include <algorithm>
#include <array>
#include <cstdint>
#include <vector>

#include "channels/contract.hpp"
#include "harness/stress/history.hpp"

namespace weir::test {

class BruteForce {
 public:
  static constexpr std::size_t kMostOperations = 20;
  static constexpr std::size_t kMostSends = 12;

  /// Whether it is small enough.
  template <class Logs>
  [[nodiscard]] static bool fits(const Logs& logs) {
    std::size_t operations = 0;
    std::size_t sends = 0;
    for (const auto& log : logs) {
      operations += log.size();
      sends += static_cast<std::size_t>(std::count_if(
          log.begin(), log.end(), [](const auto& operation) { return operation.is_send(); }));
    }
    return operations <= kMostOperations && sends <= kMostSends;
  }

  BruteForce(const stress::History& history, const Contract& contract, std::size_t capacity)
      : contract_(contract), capacity_(capacity), drained_(history.drained()) {
    for (std::size_t thread = 0; thread < history.threads(); ++thread) {
      std::size_t previous = kNobody;
      for (std::size_t i = history.begin_of(thread); i < history.end_of(thread); ++i) {
        const stress::Operation& operation = history.operations()[i];
        if (operation.kind == stress::Kind::evict) {
          evicted_[previous] = operation.value;
          continue;
        }
        operations_[count_] = operation;
        before_[count_] = previous == kNobody ? 0 : before_[previous] | 1U << previous;
        previous = count_++;
      }
    }
    for (std::size_t i = 0; i < count_; ++i) {
      for (std::size_t j = 0; j < count_; ++j) {
        if (operations_[j].responded < operations_[i].invoked) before_[i] |= 1U << j;
      }
      if (!operations_[i].pending()) required_ |= 1U << i;
    }
  }

  [[nodiscard]] bool linearizable() {
    if (answers_open_after_close()) return false;
    for (std::uint32_t& entry : table_) entry = 0;
    visited_.clear();
    return from({});
  }

 private:
  static constexpr std::size_t kNobody = ~std::size_t{0};
  static constexpr std::size_t kTable = 1U << 12;

  struct State {
    std::uint32_t done = 0;
    std::uint64_t inside = 0;  // operations that sent what is inside, five bits each, oldest lowest
    std::uint32_t size = 0;
    bool closed = false;
    friend bool operator==(const State&, const State&) = default;
  };

  [[nodiscard]] bool says_full(const stress::Operation& operation) const {
    return operation.is_send() && !operation.pending() &&
           (operation.send_status() == SendStatus::full ||
            operation.send_status() == SendStatus::timed_out ||
            operation.send_status() == SendStatus::dropped);
  }
  [[nodiscard]] bool says_empty(const stress::Operation& operation) const {
    return operation.is_recv() && !operation.pending() &&
           (operation.recv_status() == RecvStatus::empty ||
            operation.recv_status() == RecvStatus::timed_out);
  }

  /// Once close() has returned, exact answers are `closed`.
  [[nodiscard]] bool answers_open_after_close() const {
    for (std::size_t i = 0; i < count_; ++i) {
      const bool promised = (says_full(operations_[i]) && contract_.full == Answer::exact) ||
                            (says_empty(operations_[i]) && contract_.empty == Answer::exact);
      if (!promised) continue;
      for (std::size_t j = 0; j < count_; ++j) {
        if (operations_[j].kind == stress::Kind::close &&
            operations_[j].responded < operations_[i].invoked) {
          return true;
        }
      }
    }
    return false;
  }

  bool from(const State& state) {
    if ((state.done & required_) == required_ && nothing_lost(state)) return true;
    if (seen(state)) return false;
    for (std::size_t i = 0; i < count_; ++i) {
      if ((state.done >> i & 1) != 0 || (before_[i] & ~state.done) != 0) continue;
      State next = state;
      next.done |= 1U << i;
      if (play(i, next) && from(next)) return true;
    }
    return false;
  }

  [[nodiscard]] bool nothing_lost(const State& state) const {
    if (!drained_) return true;
    std::uint64_t inside = state.inside;
    for (std::uint32_t i = 0; i < state.size; ++i, inside >>= 5) {
      if (!operations_[inside & 31].pending()) return false;
    }
    return true;
  }

  bool seen(const State& state) {
    std::size_t slot =
        (state.done * 0x9e3779b1U ^ static_cast<std::uint32_t>(state.inside * 0x85ebca6b)) % kTable;
    for (; table_[slot] != 0; slot = (slot + 1) % kTable) {
      if (visited_[table_[slot] - 1] == state) return true;
    }
    if (visited_.size() + 1 < kTable / 2) {  // beyond, it only takes longer
      visited_.push_back(state);
      table_[slot] = static_cast<std::uint32_t>(visited_.size());
    }
    return false;
  }

  static void push(State& state, std::size_t sender) {
    state.inside |= static_cast<std::uint64_t>(sender) << (5 * state.size);
    ++state.size;
  }
  bool pop(State& state, std::uint64_t value, bool any) const {
    if (state.size == 0) return false;
    if (!any && operations_[state.inside & 31].value != value) return false;
    state.inside >>= 5;
    --state.size;
    return true;
  }

  bool play(std::size_t i, State& state) const {
    const stress::Operation& operation = operations_[i];
    if (operation.kind == stress::Kind::close) {
      state.closed = true;
      return true;
    }
    return operation.is_send() ? play_send(i, state) : play_recv(operation, state);
  }

  bool play_send(std::size_t i, State& state) const {
    const stress::Operation& operation = operations_[i];
    const bool full = contract_.bound != Bound::unbounded && state.size >= capacity_;
    if (says_full(operation)) return full || contract_.full == Answer::spurious;
    if (!operation.pending() && operation.send_status() == SendStatus::closed) return state.closed;
    if (state.closed) return false;
    if (!operation.pending() && operation.send_status() == SendStatus::evicted) {
      if (!full && contract_.full == Answer::exact) return false;
      if (!pop(state, evicted_[i], false)) return false;
    } else if (full && contract_.bound == Bound::exact) {
      return false;
    }
    push(state, i);
    return true;
  }

  bool play_recv(const stress::Operation& operation, State& state) const {
    const bool fits = state.size == 0 || contract_.empty == Answer::spurious;
    if (says_empty(operation)) return fits;
    if (operation.pending()) return pop(state, 0, true);
    if (operation.recv_status() == RecvStatus::closed) return state.closed && fits;
    return pop(state, operation.value, false);
  }

  Contract contract_;
  std::size_t capacity_;
  bool drained_;
  std::size_t count_ = 0;
  std::array<stress::Operation, kMostOperations> operations_{};
  std::array<std::uint64_t, kMostOperations> evicted_{};
  std::array<std::uint32_t, kMostOperations> before_{};
  std::uint32_t required_ = 0;
  std::array<std::uint32_t, kTable> table_{};
  std::vector<State> visited_{};
};

}  // namespace weir::test
