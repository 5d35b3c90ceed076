// task_a and task_b: they send requests to the owner and wait for its answers, at most `window` of
// them at a time. Without answers (a window of 0) they send and forget.
#pragma once

#include <functional>

#include "harness/any_channel.hpp"
#include "workloads/db/reply.hpp"

namespace weir::db {

/// A request that was answered.
struct Settled {
  std::uint64_t word = 0;
  Outcome outcome = Outcome::committed;
  std::int64_t start_ns = 0;
  std::int64_t done_ns = 0;  ///< when the answer was there for its task to see
  const Row* row = nullptr;  ///< of a read
};

/// One thread's.
class Client {
 public:
  using OnSettled = std::function<void(const Settled&)>;

  /// `first` is the number of its first request.
  Client(AnySender& sender, Desk& desk, std::uint32_t task, OnSettled on_settled,
         std::uint64_t first = 0)
      : sender_(sender),
        lane_(desk.answers() ? &desk.lane(task) : nullptr),
        task_(task),
        on_settled_(std::move(on_settled)),
        sent_(first),
        settled_(first) {}

  /// Sends the next request. Waits for the oldest answer first when the window is full. A request
  /// that was not accepted leaves its number to the next.
  SendStatus submit(std::int64_t start_ns);
  /// Waits for all answers.
  void settle_all();

  /// The number of the next request: what was accepted has a smaller one.
  [[nodiscard]] std::uint64_t sent() const noexcept { return sent_; }
  [[nodiscard]] std::uint64_t next_word() const noexcept { return MessageId{task_, sent_}.word(); }

 private:
  /// Takes what is there, in order, without waiting: an open loop would else look at an answer only
  /// when its window is full.
  void settle_what_is_answered();
  void settle_oldest();
  void note(const Slot& slot, Outcome outcome, std::int64_t done_ns);

  AnySender& sender_;
  Lane* lane_;
  std::uint32_t task_;
  OnSettled on_settled_;
  std::uint64_t sent_;
  std::uint64_t settled_;
};

}  // namespace weir::db
