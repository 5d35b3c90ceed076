// "Must come before", for histories in which the order of the messages is known because one thread
// sends or one receives. Two chains of operations, each in its known order:
//
//   A: the sends, with the sole sender's `full` among them     I0  I1  full  I2 ...
//   B: the takings, with the sole receiver's `empty`           R0  empty  R1 ...
//
// and between them (C: the capacity, k: the k-th message)
//
//   I_k before R_k            what is taken was sent
//   R_(k-C) before I_k        its place was free (bound exact)
//   full before R_(k-C)       k sent: it is full only while message k-C is still inside
//   empty before I_k          k taken: it is empty only until message k is sent
//   all I before close        close before each `closed`
//
// An explanation exists iff no operation is so forced after its own end, and the demands have no
// cycle: each operation takes the earliest instant that all before it allow. O(n), and complete for
// one sender and one receiver. (The k-th receive happens before the k+C-th send: the Go memory
// model's rule for buffered channels; the method is that of difference constraints.)
#pragma once

#include <string>
#include <vector>

#include "harness/stress/checker_case.hpp"

namespace weir::stress::checker {

/// One of the two chains; positions are reached in order.
struct Chain {
  std::vector<Index> operations{};
  std::vector<Index> place{};     ///< the position of the k-th message
  std::vector<Stamp> earliest{};  ///< of the positions reached: the earliest possible instant
  std::size_t messages_reached = 0;

  [[nodiscard]] bool done() const noexcept { return earliest.size() == operations.size(); }
  /// How many messages come before the position, and whether one is there.
  [[nodiscard]] std::size_t messages_before(std::size_t position) const;
  [[nodiscard]] bool message_at(std::size_t position, std::size_t before) const noexcept {
    return before < place.size() && place[before] == position;
  }
};

/// Something that must come first: a position of a chain. kNone: it never happened.
struct Demand {
  const Chain* chain = nullptr;
  Index position = kNone;
  const char* why = "";

  [[nodiscard]] bool met() const noexcept {
    return chain == nullptr || (position != kNone && position < chain->earliest.size());
  }
  [[nodiscard]] Stamp earliest() const noexcept {
    return chain == nullptr ? 0 : chain->earliest[position];
  }
};

struct Demands {
  Demand chain{};    ///< the operation before it in its chain
  Demand message{};  ///< the send of what is taken; the taking that freed the place
  Demand answer{};   ///< `full` or `empty`
};

class Precedence {
 public:
  explicit Precedence(const Case& it);

  /// explained, impossible, or not_applicable: not so simple, but what is said here is not
  /// violated.
  [[nodiscard]] Verdict run();

  /// After impossible: why, and which operations.
  [[nodiscard]] const std::string& words() const noexcept { return words_; }
  [[nodiscard]] const std::vector<Index>& witness() const noexcept { return witness_; }
  /// `order` if messages came in another order than the program of a thread; else `exact`.
  [[nodiscard]] Rule rule() const noexcept { return rule_; }

 private:
  void order_messages();
  void add_sends();
  void add_takings();
  [[nodiscard]] Demands demands(const Chain& chain, std::size_t position, std::size_t k) const;
  bool advance(Chain& chain);
  bool run_chains();
  [[nodiscard]] bool closed_in_time();
  bool contradiction(std::string words, std::vector<Index> witness);
  void explain_late(const Chain& chain, std::size_t position, Stamp earliest);
  void explain_stuck();
  [[nodiscard]] std::string describe(Index operation) const;

  const Case* it_;
  Stamp origin_;
  std::vector<Message> ranked_{};  // in the known order
  Chain sends_{};
  Chain takings_{};
  bool complete_ = true;
  bool impossible_ = false;
  Rule rule_ = Rule::exact;
  std::string words_{};
  std::vector<Index> witness_{};
};

}  // namespace weir::stress::checker
