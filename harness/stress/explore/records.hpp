// What the roles of one run were answered, and when: for the checker of histories.
#pragma once

#include <cstdint>
#include <vector>

#include "harness/stress/explore/plan.hpp"
#include "harness/stress/history.hpp"

namespace weir::explore {

class Records {
 public:
  void clear(std::size_t threads);
  void invoke(std::size_t thread, Act act, std::uint64_t word);
  /// `left`: the word that the argument holds afterwards.
  void respond(std::size_t thread, SendStatus status, std::uint64_t left);
  void respond(std::size_t thread, RecvStatus status, std::uint64_t word);
  void respond_closed(std::size_t thread);

  /// All operations of a run that ended, by thread.
  [[nodiscard]] const std::vector<std::vector<stress::Operation>>& threads() const noexcept {
    return threads_;
  }
  [[nodiscard]] std::uint64_t hash() const noexcept;

  bool drained = false;

 private:
  stress::Operation& last(std::size_t thread) { return threads_[thread].back(); }

  std::vector<std::vector<stress::Operation>> threads_;
};

}  // namespace weir::explore
