// What threads did to a channel, and when: the material of the checker.
//
// Each thread writes a Log of its own: preallocated, no shared state, 32 bytes an operation. After
// all have joined, the logs are appended to one History.
//
// All that goes through the channel must be recorded, each accepted message with a word of its own
// (MessageId: sender and sequence); that holds for end marks too. A message that was refused may be
// offered again.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "channels/channel.hpp"
#include "harness/message.hpp"
#include "harness/stress/history_stamp.hpp"

namespace weir::stress {

/// Which operation was called. `evict` is the other half of a send that answered `evicted`: it
/// follows that send in the log, has its interval, and names the message that was pushed out.
enum class Kind : std::uint8_t {
  send,
  try_send,
  send_until,
  recv,
  try_recv,
  recv_until,
  close,
  evict
};

struct Operation {
  Stamp invoked = 0;
  Stamp responded = kNever;  ///< kNever: it did not return
  std::uint64_t value = 0;   ///< the message sent, received or evicted, as MessageId::word()
  Kind kind = Kind::send;
  std::uint8_t status = 0;   ///< SendStatus or RecvStatus
  std::uint16_t thread = 0;  ///< as the thread's log was named: "sender 2", "receiver 0"

  [[nodiscard]] constexpr bool pending() const noexcept { return responded == kNever; }
  [[nodiscard]] constexpr bool is_send() const noexcept { return kind <= Kind::send_until; }
  [[nodiscard]] constexpr bool is_recv() const noexcept {
    return kind >= Kind::recv && kind <= Kind::recv_until;
  }
  [[nodiscard]] constexpr SendStatus send_status() const noexcept {
    return static_cast<SendStatus>(status);
  }
  [[nodiscard]] constexpr RecvStatus recv_status() const noexcept {
    return static_cast<RecvStatus>(status);
  }
};
static_assert(sizeof(Operation) == 32);

/// The operations of one thread, in its order. Made before the operations, used by one thread only.
class Log {
 public:
  /// `thread`: the number of the sender, receiver or closer. All memory is taken and touched here.
  Log(std::uint16_t thread, std::size_t most_operations)
      : operations_(most_operations + 1), thread_(thread) {}

  /// Operations that still fit. A send that evicts takes two.
  [[nodiscard]] std::size_t room() const noexcept { return operations_.size() - 1 - size_; }

  /// Directly before the call. `value`: what is sent.
  void invoke(Kind kind, std::uint64_t value = 0) noexcept {
    Operation& operation = operations_[size_];
    operation.value = value;
    operation.kind = kind;
    operation.thread = thread_;
    open_ = true;
    operation.invoked = invocation();
  }

  /// Directly after a send.
  void respond(SendStatus status) noexcept {
    const Stamp now = response(private_word_);
    finish(now, static_cast<std::uint8_t>(status));
  }
  /// Directly after a send that answered `evicted`, with the word of the message that it gave back.
  void respond_evicted(std::uint64_t evicted) noexcept {
    const Stamp now = response(private_word_);
    const Stamp begun = operations_[size_].invoked;
    finish(now, static_cast<std::uint8_t>(SendStatus::evicted));
    Operation& other_half = operations_[size_];
    other_half.invoked = begun;
    other_half.value = evicted;
    other_half.kind = Kind::evict;
    other_half.thread = thread_;
    finish(now, 0);
  }
  /// Directly after a receive. `value`: what was received, if anything.
  void respond(RecvStatus status, std::uint64_t value = 0) noexcept {
    const Stamp now = response(private_word_);
    operations_[size_].value = value;
    finish(now, static_cast<std::uint8_t>(status));
  }
  /// Directly after close().
  void respond_closed() noexcept { finish(response(private_word_), 0); }

  /// Room ran out and operations are missing: what is there cannot be judged.
  [[nodiscard]] bool overflowed() const noexcept { return overflowed_; }

  /// What was recorded; last, if the thread never came back from it, the operation under way. Only
  /// after the thread has joined, or is known to be stuck.
  [[nodiscard]] std::vector<Operation> operations() const;

 private:
  void finish(Stamp now, std::uint8_t status) noexcept {
    Operation& operation = operations_[size_];
    operation.responded = now;
    operation.status = status;
    open_ = false;
    if (size_ + 1 == operations_.size()) [[unlikely]] {
      overflowed_ = true;  // the last place is a spare one: it is written, and never counted
      return;
    }
    ++size_;
    // The lines of the log are cold. Fetched two ahead, their stores do not hold up the next fence.
    __builtin_prefetch(operations_.data() + size_ + 3, 1);
  }

  std::vector<Operation> operations_;
  std::size_t size_ = 0;
  std::uint16_t thread_;
  bool open_ = false;
  bool overflowed_ = false;
  alignas(64) std::uint32_t private_word_ = 0;  // a line that no other thread touches
};

/// The operations of all threads, each thread's in its order.
class History {
 public:
  /// `skew`: the largest difference between the counters of two processors, by which intervals are
  /// widened. Throws std::invalid_argument for a log that overflowed, whose stamps run backwards by
  /// more than the skew, or in which something follows an operation that never returned;
  /// std::length_error beyond 2^32 - 2 operations.
  void append(const Log& log, Stamp skew = 0);
  void append(std::span<const Operation> one_thread, Stamp skew = 0);

  /// Says that receiving went on until nothing was left: a message that was accepted and not
  /// received is lost. (Default: what is missing may still be in the channel.)
  void set_drained(bool drained) noexcept { drained_ = drained; }
  [[nodiscard]] bool drained() const noexcept { return drained_; }

  void reserve(std::size_t operations) { operations_.reserve(operations); }
  [[nodiscard]] std::span<const Operation> operations() const noexcept { return operations_; }
  [[nodiscard]] std::size_t threads() const noexcept { return ends_.size(); }
  /// Where the operations of a thread begin and end in operations().
  [[nodiscard]] std::size_t begin_of(std::size_t thread) const noexcept {
    return thread == 0 ? 0 : ends_[thread - 1];
  }
  [[nodiscard]] std::size_t end_of(std::size_t thread) const noexcept { return ends_[thread]; }

 private:
  std::vector<Operation> operations_;
  std::vector<std::size_t> ends_;
  bool drained_ = false;
};

}  // namespace weir::stress
