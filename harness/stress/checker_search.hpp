// Looks for an order of the operations of one episode that explains all answers: the search of Wing
// and Gong ("Testing and verifying concurrent objects", JPDC 1993), which tries any operation that
// no other precedes, with the memory of G. Lowe ("Testing for linearizability", CPPE 2017): a
// configuration from which there was no way is not entered again.
//
// A configuration is how far each thread has got, and the messages inside in their order. It is
// kept whole, not as a hash, so that no collision can make an alarm. What keeps the search near one
// step for an operation also where the channel is deep and a wrong choice shows late:
// - answers that change nothing get their instant as soon as they are true;
// - no message is put in before one that was surely taken earlier;
// - two sends that were under way together may change places later, when the messages come out the
//   other way round, if the order so far stays one that the intervals allow;
// - what must end first is tried first, unless an answer still waits to become true.
#pragma once

#include <cstdint>
#include <deque>
#include <string>
#include <unordered_set>
#include <vector>

#include "harness/stress/checker_case.hpp"

namespace weir::stress::checker {

/// A part of the history that begins with an empty channel.
struct Episode {
  std::vector<std::vector<Index>> threads{};  ///< the operations of each, in its order
  std::size_t operations = 0;
  bool closed_before = false;
};

class Search {
 public:
  static constexpr std::size_t kMostThreads = 64;

  /// `message_of`: by operation, which message it puts in or takes out.
  Search(const Case& it, const std::vector<Index>& message_of, const Episode& episode)
      : it_(&it), message_of_(&message_of), episode_(&episode) {}

  /// Only what had returned by `limit` must be explained; what had begun by then may have had its
  /// instant.
  [[nodiscard]] Verdict run(Stamp limit = kNever);

 private:
  using Threads = std::uint64_t;

  /// One operation has had its instant; or, with `turned` above 0, the message that many places
  /// behind the oldest became the oldest.
  struct Step {
    std::size_t thread = 0;
    Index operation = kNone;
    Stamp begun = 0;  // the latest invocation so far
    Index taken = kNone;
    std::size_t taken_slot = 0;
    std::size_t turned = 0;
    bool closed = false;  // before it
  };
  struct Inside {
    Index message = kNone;
    std::size_t slot = 0;  // the step that put it in
  };
  struct Frame {
    std::size_t trail = 0;  // its length before this configuration was entered
    Threads untried = 0;    // whose next operation may be the next one
  };
  enum class Wish : std::uint8_t { none, full, empty };

  // checker_search.cpp: which way to go
  [[nodiscard]] Verdict attempt();
  void enter(std::size_t trail);
  void settle();
  [[nodiscard]] bool finished() const noexcept;
  /// Threads whose next operation began before any other had to be over.
  [[nodiscard]] Threads first_ones() const noexcept;
  [[nodiscard]] std::size_t preferred(Threads ways) const noexcept;
  [[nodiscard]] Wish wish_of() const noexcept;
  [[nodiscard]] bool better(std::size_t thread, std::size_t than, Wish wish) const noexcept;
  [[nodiscard]] Stamp taken_by(std::size_t thread) const noexcept;

  // checker_search_steps.cpp: what a step is, and whether it can be done
  /// The next operation of a thread; kNone if none had begun by the limit.
  [[nodiscard]] Index next_of(std::size_t thread) const noexcept;
  [[nodiscard]] bool required(Index operation) const noexcept;
  [[nodiscard]] bool puts(Index operation) const noexcept;
  [[nodiscard]] bool holds(Act act) const noexcept;
  [[nodiscard]] bool possible(std::size_t thread) const;
  [[nodiscard]] bool has_room() const noexcept;
  [[nodiscard]] bool can_take(Index operation) const;
  [[nodiscard]] bool another_first(std::size_t thread, Index operation) const;
  [[nodiscard]] std::size_t depth_of(Index message) const noexcept;
  [[nodiscard]] bool can_turn(std::size_t depth) const;
  void turn(std::size_t depth, bool back);
  void step(std::size_t thread);
  void go_back(std::size_t trail);
  [[nodiscard]] std::string configuration() const;

  const Case* it_;
  const std::vector<Index>* message_of_;
  const Episode* episode_;
  Stamp limit_ = kNever;
  bool next_taken_first_ = true;
  std::vector<std::size_t> position_{};  // by thread
  std::deque<Inside> inside_{};          // oldest first
  bool closed_ = false;
  std::vector<Step> trail_{};
  std::vector<Frame> frames_{};
  std::unordered_set<std::string> hopeless_{};
  std::size_t hopeless_bytes_ = 0;
};

}  // namespace weir::stress::checker
