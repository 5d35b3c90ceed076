// A contract case: one promise of a channel, attacked. Which cases a channel must pass follows from
// its contract; nobody is convicted of what was never promised.
#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <random>
#include <string>
#include <string_view>
#include <vector>

#include "harness/any_channel.hpp"
#include "harness/registry.hpp"
#include "harness/role.hpp"
#include "harness/stress/history.hpp"

namespace weir::stress {

/// What a case met while it ran. A case about fullness that never met a full channel proves
/// nothing.
struct Met {
  std::uint64_t operations = 0;
  std::uint64_t full = 0;       ///< sends that found no room: refused, timed out, or made to wait
  std::uint64_t empty = 0;      ///< receives that found nothing
  std::uint64_t blocked = 0;    ///< operations that waited
  std::uint64_t closed = 0;     ///< operations that answered closed
  std::uint64_t timed_out = 0;  ///< operations that answered timed_out
  std::uint64_t histories = 0;  ///< recorded histories that were checked
  std::uint64_t undecided = 0;  ///< of those, neither explained nor refuted

  Met& operator+=(const Met& other) noexcept;
};

/// What a case is about: each must have been met at least once, or the case is vacuous.
struct About {
  bool full = false;
  bool empty = false;
  bool blocked = false;
  bool closed = false;
  bool timed_out = false;

  /// The first thing that was not met; empty when all were. Who waits is known only of channels
  /// that count it.
  [[nodiscard]] std::string_view missing(const Met& met, bool counts_waits) const noexcept;
};

using Random = std::mt19937_64;

/// What a running case has: the channel under test, its seed, its time.
class Context {
 public:
  Context(const ChannelEntry& channel, std::uint64_t seed, std::int64_t budget_ns, Board& board);
  Context(const Context&) = delete;
  Context& operator=(const Context&) = delete;

  [[nodiscard]] const ChannelEntry& channel() const noexcept { return channel_; }
  [[nodiscard]] const Contract& contract() const noexcept { return channel_.contract; }
  [[nodiscard]] const Operations& operations() const noexcept { return channel_.any.operations; }
  [[nodiscard]] Board& board() noexcept { return board_; }
  /// A new channel under test.
  [[nodiscard]] std::unique_ptr<AnyChannel> make(std::size_t capacity) const {
    return channel_.any.make(capacity);
  }
  /// The first capacity from `wanted` on that the channel can have; its largest one if there is
  /// none.
  [[nodiscard]] std::size_t capacity_from(std::size_t wanted) const;
  /// Those of `wanted` that the channel can have; its smallest one if there is none.
  [[nodiscard]] std::vector<std::size_t> capacities(
      std::initializer_list<std::size_t> wanted) const;

  [[nodiscard]] std::uint64_t seed() const noexcept { return seed_; }
  /// Draws; the coordinator's own. A thread of a case gets Random(seed_for(n)).
  [[nodiscard]] Random& random() noexcept { return random_; }
  [[nodiscard]] std::uint64_t seed_for(std::uint64_t number) noexcept { return random_() ^ number; }
  /// Cases that repeat do so while there is time; every case runs at least once.
  [[nodiscard]] bool time_left() const noexcept;

  Met met;

  /// Keeps the first failure. Coordinator only.
  void fail(std::string reason);
  [[nodiscard]] bool failed() const noexcept { return !failure_.empty(); }
  [[nodiscard]] const std::string& failure() const noexcept { return failure_; }
  /// Checks a recorded history; a violation fails the case with its witness.
  void judge(const History& history, std::size_t capacity);

 private:
  const ChannelEntry& channel_;
  std::uint64_t seed_;
  std::int64_t until_ns_;
  Board& board_;
  Random random_;
  std::string failure_;
};

struct Case {
  std::string_view name;
  /// What holds, in one sentence.
  std::string_view sentence;
  About about;
  /// Why the case does not apply to a channel; empty when it does.
  std::string_view (*why_not)(const ChannelEntry& channel);
  void (*run)(Context& context);
};

/// Every case there is, in the order in which they are run.
const std::vector<Case>& all_cases();

// The groups, one file each.
std::vector<Case> one_thread_cases();
std::vector<Case> element_cases();
std::vector<Case> guarantee_cases();
std::vector<Case> waking_cases();
std::vector<Case> delivery_cases();
std::vector<Case> history_cases();
std::vector<Case> close_cases();
std::vector<Case> blocking_cases();
std::vector<Case> time_out_cases();
std::vector<Case> policy_cases();
std::vector<Case> load_cases();

}  // namespace weir::stress
