// The words that every channel speaks: statuses, deadlines, and the concepts that say which
// operations a channel has.
//
// A channel gives each thread a handle of its own, made on the thread that uses it, move-only, free
// to hold private state (a cursor, a token). A handle must not outlive its channel.
#pragma once

#include <chrono>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <span>
#include <type_traits>
#include <utility>

#include "channels/contract.hpp"

namespace weir {

/// Result of a send. The message was moved from only on `ok` and `evicted`.
enum class SendStatus : std::uint8_t {
  ok,         ///< taken
  full,       ///< not taken: no room, and the operation does not wait
  closed,     ///< not taken: close() came first
  timed_out,  ///< not taken: the deadline passed
  dropped,    ///< not taken, by policy: the newest message is the one that is lost
  evicted,    ///< taken; the argument now holds the oldest message, which was pushed out
};

/// Result of a receive. The destination was assigned only on `ok`.
enum class RecvStatus : std::uint8_t { ok, empty, closed, timed_out };

using Deadline = std::chrono::steady_clock::time_point;

/// True when the channel now owns the message.
[[nodiscard]] constexpr bool accepted(SendStatus status) noexcept {
  return status == SendStatus::ok || status == SendStatus::evicted;
}

/// How much of a batch was moved, and why it ended there.
struct SentBatch {
  std::size_t count = 0;
  SendStatus status = SendStatus::ok;
};
struct ReceivedBatch {
  std::size_t count = 0;
  RecvStatus status = RecvStatus::ok;
};

/// What a handle counted in its slow paths; nothing is counted while an operation succeeds at once.
struct WaitStats {
  std::uint64_t waited_operations = 0;  ///< operations that did not succeed at once
  std::uint64_t failed_tries = 0;       ///< tries that found the channel full or empty
  std::uint64_t parks = 0;              ///< sleeps in the kernel
  std::uint64_t parked_ns = 0;          ///< time spent in them, nanoseconds
};

/// The messages that a channel can carry: a move that throws would leave a claimed slot without a
/// message.
template <class T>
concept Message = std::is_nothrow_move_constructible_v<T> && std::is_nothrow_move_assignable_v<T> &&
    std::is_nothrow_destructible_v<T>;

template <class S, class T>
concept TrySender = std::movable<S> && requires(S sender, T& message) {
  { sender.try_send(std::move(message)) }
  noexcept->std::same_as<SendStatus>;
};

template <class R, class T>
concept TryReceiver = std::movable<R> && requires(R receiver, T& message) {
  { receiver.try_recv(message) }
  noexcept->std::same_as<RecvStatus>;
};

/// Refinement: a try-form that makes room when there is none. It answers ok, evicted or closed, and
/// takes the oldest message out in the same instant in which it puts the new one in.
template <class S, class T>
concept EvictingSender = TrySender<S, T> && requires(S sender, T& message) {
  { sender.try_send_evicting(std::move(message)) }
  noexcept->std::same_as<SendStatus>;
};

template <class S, class T>
concept BlockingSender = std::movable<S> && requires(S sender, T& message) {
  { sender.send(std::move(message)) }
  noexcept->std::same_as<SendStatus>;
};

template <class R, class T>
concept BlockingReceiver = std::movable<R> && requires(R receiver, T& message) {
  { receiver.recv(message) }
  noexcept->std::same_as<RecvStatus>;
};

template <class C>
using SenderOf = decltype(std::declval<C&>().sender());
template <class C>
using ReceiverOf = decltype(std::declval<C&>().receiver());

/// A channel whose operations never wait.
template <class C>
concept TryChannel = TrySender < SenderOf<C>,
typename C::value_type > &&TryReceiver<ReceiverOf<C>, typename C::value_type>&& requires {
  { C::kContract } -> std::convertible_to<Contract>;
};

/// A channel whose senders wait for room and whose receivers wait for messages.
template <class C>
concept BlockingChannel = BlockingSender < SenderOf<C>,
typename C::value_type > &&BlockingReceiver<ReceiverOf<C>, typename C::value_type>&& requires {
  { C::kContract } -> std::convertible_to<Contract>;
};

/// Refinement: waits that end at a deadline. An expired deadline still takes what is there.
template <class C>
concept TimedChannel = requires(SenderOf<C> sender, ReceiverOf<C> receiver,
                                typename C::value_type& message, Deadline deadline) {
  { sender.send_until(std::move(message), deadline) }
  noexcept->std::same_as<SendStatus>;
  { receiver.recv_until(message, deadline) }
  noexcept->std::same_as<RecvStatus>;
};

/// Refinement: anyone may close, more than once.
template <class C>
concept ClosableChannel = requires(C& channel) {
  channel.close();
};

/// Refinement: a momentary depth, exact only when nothing else runs.
template <class C>
concept SizedChannel = requires(const C& channel) {
  { channel.size_hint() }
  noexcept->std::convertible_to<std::size_t>;
};

/// Refinement: try-forms over spans. A prefix is moved; its length is returned.
template <class C>
concept TryBatchChannel = requires(SenderOf<C> sender, ReceiverOf<C> receiver,
                                   std::span<typename C::value_type> batch) {
  { sender.try_send_n(batch) }
  noexcept->std::same_as<SentBatch>;
  { receiver.try_recv_n(batch) }
  noexcept->std::same_as<ReceivedBatch>;
};

/// Refinement: send_n waits until all are sent (or closed); recv_n waits for at least one.
template <class C>
concept BatchChannel = requires(SenderOf<C> sender, ReceiverOf<C> receiver,
                                std::span<typename C::value_type> batch) {
  { sender.send_n(batch) }
  noexcept->std::same_as<SentBatch>;
  { receiver.recv_n(batch) }
  noexcept->std::same_as<ReceivedBatch>;
};

/// Refinement: handles that count their waits.
template <class H>
concept CountsWaits = requires(const H& handle) {
  { handle.stats() }
  noexcept->std::convertible_to<WaitStats>;
};

}  // namespace weir
