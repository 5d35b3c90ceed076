// The message loops that workloads share: senders send until the window ends, receivers receive
// until the channel ends.
#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "channels/channel.hpp"
#include "harness/message.hpp"
#include "harness/trial.hpp"

namespace weir {

template <class Handle>
const WaitStats* waits_of(const Handle& handle) noexcept {
  if constexpr (CountsWaits<Handle>) {
    return &handle.stats();
  } else {
    return nullptr;
  }
}

inline constexpr std::array kSendStatusNames{"ok",        "full",    "closed",
                                             "timed_out", "dropped", "evicted"};
inline constexpr std::array kRecvStatusNames{"ok", "empty", "closed", "timed_out"};

inline std::string unexpected(SendStatus status) {
  return std::string("send answered ") + kSendStatusNames[static_cast<std::size_t>(status)] +
         ", which it may not here";
}
inline std::string unexpected(RecvStatus status) {
  return std::string("recv answered ") + kRecvStatusNames[static_cast<std::size_t>(status)] +
         ", which it may not here";
}

/// Sends messages one by one until the window ends. `before(sequence)` runs ahead of each, outside
/// the channel.
template <class C, class Before>
void send_until_stopped(Role& role, C& channel, const Before& before) {
  using T = typename C::value_type;
  auto sender = channel.sender();
  RoleCounts counts;
  role.wait_for_gate();
  while (role.checkpoint(counts.messages) != Phase::stopping) {
    for (int i = 0; i < Role::kBlock; ++i) {
      before(counts.messages);
      T message = MessageTraits<T>::make(MessageId{role.index(), counts.messages}.word());
      ++counts.offered;
      const SendStatus status = sender.send(std::move(message));
      if (status == SendStatus::ok) [[likely]] {
        ++counts.messages;
        continue;
      }
      if (status == SendStatus::dropped ||
          (status == SendStatus::full && C::kContract.overflow == Overflow::fail)) {
        ++counts.refused;
      } else if (status == SendStatus::evicted) {
        ++counts.messages;
        ++counts.evicted;
        if (role.ledger() != nullptr)
          role.ledger()->record(MessageId::of(MessageTraits<T>::word(message)));
      } else {
        --counts.offered;
        role.fail("state", unexpected(status));
        role.end(counts, waits_of(sender));
        return;
      }
    }
  }
  role.end(counts, waits_of(sender));
}

/// As send_until_stopped(), `batch` messages an operation.
template <class C, class Before>
requires BatchChannel<C>
void send_batches_until_stopped(Role& role, C& channel, std::size_t batch, const Before& before) {
  using T = typename C::value_type;
  auto sender = channel.sender();
  RoleCounts counts;
  std::vector<T> messages(batch);
  role.wait_for_gate();
  while (role.checkpoint(counts.messages) != Phase::stopping) {
    for (std::size_t sent = 0; sent < Role::kBlock; sent += batch) {
      for (std::size_t i = 0; i < batch; ++i) {
        before(counts.messages + i);
        messages[i] = MessageTraits<T>::make(MessageId{role.index(), counts.messages + i}.word());
      }
      const SentBatch done = sender.send_n(messages);
      counts.offered += done.count;
      counts.messages += done.count;
      if (done.status != SendStatus::ok || done.count != batch) {
        role.fail("state", unexpected(done.status));
        role.end(counts, waits_of(sender));
        return;
      }
    }
  }
  role.end(counts, waits_of(sender));
}

/// Reads every byte of a message and notes its arrival. False for an end mark.
template <class T>
bool accept(Ledger& ledger, const T& message) noexcept {
  const std::uint64_t word = MessageTraits<T>::word(message);
  if (word == kEndMark) [[unlikely]]
    return false;
  if (!MessageTraits<T>::intact(message)) [[unlikely]]
    ledger.record_damage(word);
  ledger.record(MessageId::of(word));
  return true;
}

/// Every 16th block a receiver looks at the depth: often enough for a mean, too seldom to cost
/// anything.
template <class C>
void watch_depth(Role& role, const C& channel, std::uint64_t block) noexcept {
  if constexpr (SizedChannel<C>) {
    if (block % 16 == 0) role.sample_depth(channel.size_hint());
  }
}

/// Receives messages one by one until the channel is closed, or an end mark comes. `after(message)`
/// runs for each.
template <class C, class After>
void recv_until_ended(Role& role, C& channel, const After& after) {
  using T = typename C::value_type;
  auto receiver = channel.receiver();
  RoleCounts counts;
  T message{};
  role.wait_for_gate();
  for (std::uint64_t blocks = 0;; ++blocks) {
    watch_depth(role, channel, blocks);
    // Once senders have stopped, each message may be the last: the window ends with it.
    const bool stopping = role.checkpoint(counts.messages) == Phase::stopping;
    const int block = stopping ? 1 : Role::kBlock;
    for (int i = 0; i < block; ++i) {
      const RecvStatus status = receiver.recv(message);
      if (status != RecvStatus::ok) [[unlikely]] {
        if (status != RecvStatus::closed) role.fail("state", unexpected(status));
        role.end(counts, waits_of(receiver));
        return;
      }
      if (!accept(*role.ledger(), message)) {
        role.end(counts, waits_of(receiver));
        return;
      }
      ++counts.messages;
      after(message);
    }
    if (stopping) role.stamp_last_message();
  }
}

/// Sends end marks, where a channel has no close(): each ends one receiver.
template <class C>
void send_end_marks(C& channel, int count) {
  using T = typename C::value_type;
  auto sender = channel.sender();
  for (int i = 0; i < count; ++i) {
    T mark = MessageTraits<T>::make(kEndMark);
    while (sender.send(std::move(mark)) != SendStatus::ok) {
    }
  }
}

/// Ends the receivers: close() where there is one, else an end mark for each.
template <class C>
void end_receivers(C& channel, int receivers) {
  if constexpr (ClosableChannel<C>) {
    channel.close();
  } else {
    send_end_marks(channel, receivers);
  }
}

/// As recv_until_ended(), up to `batch` messages an operation.
template <class C, class After>
requires BatchChannel<C>
void recv_batches_until_ended(Role& role, C& channel, std::size_t batch, const After& after) {
  using T = typename C::value_type;
  auto receiver = channel.receiver();
  RoleCounts counts;
  std::vector<T> messages(batch);
  role.wait_for_gate();
  std::uint64_t blocks = 0;
  int marks = 0;
  for (bool ended = false; !ended;) {
    watch_depth(role, channel, blocks++);
    const bool stopping = role.checkpoint(counts.messages) == Phase::stopping;
    for (std::size_t got = 0; !ended && got < (stopping ? 1 : Role::kBlock);) {
      const ReceivedBatch part = receiver.recv_n(messages);
      if (part.status != RecvStatus::ok) {
        if (part.status != RecvStatus::closed) role.fail("state", unexpected(part.status));
        ended = true;
      }
      for (const T& message : std::span(messages).first(part.count)) {
        if (!accept(*role.ledger(), message)) {
          ++marks;
          continue;  // where marks overtake messages, some may follow in the same batch
        }
        ++counts.messages;
        after(message);
      }
      ended = ended || marks > 0;
      got += part.count;
    }
    if (stopping && !ended) role.stamp_last_message();
  }
  role.end(counts, waits_of(receiver));
  // A batch may hold the marks of other receivers too: they are still waiting.
  if (marks > 1) send_end_marks(channel, marks - 1);
}

/// Takes out what is left when all receivers have ended: nothing, unless end marks overtook
/// messages. `after(message)` runs for each, as it would have in a receiver.
template <class C, class After>
void take_leftovers(Trial& trial, C& channel, const After& after) {
  using T = typename C::value_type;
  if constexpr (TryReceiver<ReceiverOf<C>, T>) {
    auto receiver = channel.receiver();
    T message{};
    std::uint64_t left = 0;
    while (receiver.try_recv(message) == RecvStatus::ok) {
      if (!accept(trial.own_ledger(), message)) continue;
      after(message);
      ++left;
    }
    trial.add_left(left);
  }
}

/// Plays a trial whose roles were added, over one channel, and verifies it. `after` is what
/// receivers do with a message.
template <class C, class After>
bool play_over(Trial& trial, C& channel, const After& after) {
  trial.keep_ledgers(C::kContract);
  trial.hold_open_for(std::uint64_t{8} * Role::kBlock *
                      static_cast<std::uint64_t>(trial.spec().consumers));
  trial.play([&] { end_receivers(channel, trial.spec().consumers); });
  take_leftovers(trial, channel, after);
  return trial.verify();
}

}  // namespace weir
