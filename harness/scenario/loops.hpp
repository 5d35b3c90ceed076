// The message loops of scenarios: what a sender and a receiver do, step by step, in real time or in
// virtual time. They know a channel by two calls only, so that tests can put one of their own
// there.
//
//   sender:   touch memory | wait for the intended start | stall? | stamp | send
//   receiver: touch memory | its turn? | receive | stamp | serve | stall?
//
// A sender that is late sends at once and keeps the intended start: nothing is skipped or moved.
#pragma once

#include <algorithm>
#include <atomic>
#include <cmath>
#include <cstdint>
#include <limits>
#include <span>
#include <utility>
#include <vector>

#include "channels/channel.hpp"
#include "harness/message.hpp"
#include "harness/scenario/log.hpp"
#include "harness/scenario/schedule.hpp"
#include "harness/scenario/words.hpp"

namespace weir::scenario {

/// A thread that only reads the clock is interrupted when two readings are further apart.
inline constexpr std::int64_t kHostGapNs = 5'000;

/// From when to when a role stands still, in the order of time.
using Stalls = std::vector<Gap>;

/// Memory that a role reads and writes between messages, a word of each cache line.
class Pollution {
 public:
  explicit Pollution(std::uint64_t bytes) : words_(bytes / sizeof(std::uint64_t)) {}
  void touch() noexcept {
    constexpr std::size_t kLine = 64 / sizeof(std::uint64_t);
    for (std::size_t i = 0; i < words_.size(); i += kLine) ++words_[i];
    asm volatile("" : : "r"(words_.data()) : "memory");
  }

 private:
  std::vector<std::uint64_t> words_;
};

/// What there is to serve, message by message.
class ServiceTimes {
 public:
  ServiceTimes(Service service, std::uint64_t seed) : mean_ns_(service.mean_ns) {
    if (service.kind != Service::Kind::exponential) return;
    Random random(seed);
    for (int i = 0; i < kDrawn; ++i) {
      const double ns = random.exponential() * static_cast<double>(mean_ns_);
      drawn_.push_back(static_cast<std::int64_t>(ns));
    }
  }
  [[nodiscard]] bool none() const noexcept { return mean_ns_ == 0; }
  std::int64_t next() noexcept {
    if (drawn_.empty()) return mean_ns_;
    return drawn_[next_++ % drawn_.size()];
  }

 private:
  static constexpr int kDrawn = 1 << 16;
  std::int64_t mean_ns_;
  std::vector<std::int64_t> drawn_;
  std::size_t next_ = 0;
};

/// Stands still when it is time to.
template <class Time>
class Staller {
 public:
  void use(Stalls stalls) {
    stalls_ = std::move(stalls);
    next_ = 0;
  }
  /// To be told the time; what the time is afterwards.
  std::int64_t look(std::int64_t now) noexcept {
    if (next_ == stalls_.size() || now < stalls_[next_].begin) [[likely]]
      return now;
    while (next_ < stalls_.size() && now >= stalls_[next_].begin) {
      Time::sleep_until(stalls_[next_].end);
      now = Time::now_ns();
      ++next_;
    }
    return now;
  }

 private:
  Stalls stalls_;
  std::size_t next_ = 0;
};

/// One stretch of a trial for one sender.
struct Leg {
  std::vector<std::int64_t> due =
      {};  ///< after `start`; empty and `asap`: each when the last is sent
  bool asap = false;
  std::int64_t start = 0;
  std::int64_t end = 0;         ///< of an asap leg
  std::int64_t give_up = 0;     ///< what was not sent until then is not sent at all
  std::int64_t count_from = 0;  ///< refused messages that were due before it are not counted
  Stalls stalls = {};
};

enum class Step {
  sent,     ///< the message was taken
  refused,  ///< it was not, by policy
  over,     ///< nothing more to do
  broken    ///< the channel answered what it may not: see status()
};

struct SendOptions {
  std::uint32_t index = 0;
  std::uint64_t pollute = 0;
  OnFull full = {};
  bool crowded = false;        ///< others need the processor while this one waits
  bool refuses = false;        ///< a send may be answered full or dropped
  bool stamps_return = false;  ///< a third reading of the clock: when the send was over

  [[nodiscard]] bool gives_up() const noexcept { return full.kind == OnFull::Kind::timeout; }
  [[nodiscard]] bool loses() const noexcept { return refuses || gives_up(); }
};

template <class Time, class T>
class SendLoop {
 public:
  SendLoop(SendOptions options, std::size_t most)
      : options_(options),
        log_(most),
        refusals_(options.loses() && options.stamps_return ? most : 0),
        evictions_(options.loses() && options.stamps_return ? most : 0),
        gaps_(kMostGaps),
        pollution_(options.pollute) {}

  /// Touches the memory for a leg of so many messages.
  void prepare(std::size_t messages) noexcept {
    log_.prepare(messages);
    refusals_.prepare(messages);
    evictions_.prepare(messages);
    gaps_.prepare(kMostGaps);
  }

  /// Called between legs, by anyone while the loop rests.
  void begin(Leg leg) {
    leg_ = std::move(leg);
    next_ = 0;
    log_.clear();
    refusals_.clear();
    evictions_.clear();
    gaps_.clear();
    first_ = sequence_;
    refused_ = 0;
    paced_ns_ = 0;
    staller_.use(leg_.stalls);
  }

  /// Sends the next message. `evicted(message)` gets what the channel pushed out for it.
  template <class Sender, class Evicted>
  Step step(Sender& sender, const Evicted& evicted) noexcept {
    pollution_.touch();
    std::int64_t due = 0;
    std::int64_t now = 0;
    if (leg_.asap) {
      now = due = Time::now_ns();
      if (now >= leg_.end) return Step::over;
    } else {
      if (next_ == leg_.due.size()) return Step::over;
      due = leg_.start + leg_.due[next_];
      now = wait_for(due);
      if (now >= leg_.give_up) [[unlikely]]
        return Step::over;
    }
    now = staller_.look(now);
    ++next_;
    return hand_over(sender, due, now, evicted);
  }

  [[nodiscard]] const Log<Sent>& log() const noexcept { return log_; }
  [[nodiscard]] std::span<const Refusal> refusals() const noexcept { return refusals_.entries(); }
  [[nodiscard]] std::span<const Evicted> evictions() const noexcept { return evictions_.entries(); }
  [[nodiscard]] std::span<const Gap> gaps() const noexcept { return gaps_.entries(); }
  /// Entries for which there was no room, ever.
  [[nodiscard]] std::size_t lost() const noexcept {
    return log_.lost() + refusals_.lost() + evictions_.lost();
  }
  /// Processor time of the leg that went into waiting for the intended starts.
  [[nodiscard]] std::int64_t paced_ns() const noexcept { return paced_ns_; }
  [[nodiscard]] const Leg& leg() const noexcept { return leg_; }
  /// Number of the leg's first message.
  [[nodiscard]] std::uint64_t first() const noexcept { return first_; }
  /// Messages of the leg that were not taken.
  [[nodiscard]] std::uint64_t refused() const noexcept { return refused_; }
  [[nodiscard]] std::uint64_t taken() const noexcept { return sequence_; }
  [[nodiscard]] SendStatus status() const noexcept { return status_; }

 private:
  static constexpr std::size_t kMostGaps = 1 << 14;

  std::int64_t wait_for(std::int64_t due) noexcept {
    std::int64_t now = Time::now_ns();
    if (now >= due) return now;
    if (options_.crowded) return give_way_until(due);
    const std::int64_t since = now;
    while (now < due) {
      Time::wait_a_little(due);
      const std::int64_t later = Time::now_ns();
      if (Time::kPolls && later - now > kHostGapNs) gaps_.push({now, later});
      now = later;
    }
    paced_ns_ += now - since;
    return now;
  }

  /// Others need the processor.
  std::int64_t give_way_until(std::int64_t due) noexcept {
    const std::int64_t used = Time::cpu_ns();
    while (Time::now_ns() < due) Time::give_way(due);
    paced_ns_ += Time::cpu_ns() - used;
    return Time::now_ns();
  }

  template <class Sender, class Evicted>
  Step hand_over(Sender& sender, std::int64_t due, std::int64_t now,
                 const Evicted& evicted) noexcept {
    T message = MessageTraits<T>::make(MessageId{options_.index, sequence_}.word());
    // `now` is from before the send: once it is sent, a receiver may already have it.
    status_ = pass(sender, message, now);
    const std::int64_t back = options_.stamps_return ? Time::now_ns() : 0;
    switch (status_) {
      case SendStatus::ok:
        break;
      case SendStatus::evicted:
        evicted(message);
        if (options_.stamps_return) evictions_.push({MessageTraits<T>::word(message), back});
        break;
      case SendStatus::full:
      case SendStatus::timed_out:
      case SendStatus::dropped:
        if (!may_refuse()) return Step::broken;
        refused_ += due >= leg_.count_from ? 1U : 0U;
        if (options_.stamps_return) refusals_.push({due, now, back, status_});
        return Step::refused;
      default:
        return Step::broken;
    }
    log_.push({due, now, back});
    ++sequence_;
    return Step::sent;
  }

  /// Whether the answer is one that this sender or its channel may give.
  [[nodiscard]] bool may_refuse() const noexcept {
    return status_ == SendStatus::timed_out ? options_.gives_up() : options_.refuses;
  }

  template <class Sender>
  SendStatus pass(Sender& sender, T& message, std::int64_t now) noexcept {
    switch (options_.full.kind) {
      case OnFull::Kind::block:
        return sender.send(message);
      case OnFull::Kind::drop:
        return sender.try_send(message);
      case OnFull::Kind::timeout:
        break;
    }
    return sender.send_until(message, Time::deadline(now + options_.full.patience_ns));
  }

  SendOptions options_;
  Log<Sent> log_;
  Log<Refusal> refusals_;
  Log<Evicted> evictions_;
  Log<Gap> gaps_;
  Pollution pollution_;
  Staller<Time> staller_;
  Leg leg_;
  std::size_t next_ = 0;
  std::uint64_t sequence_ = 0;
  std::uint64_t first_ = 0;
  std::uint64_t refused_ = 0;
  std::int64_t paced_ns_ = 0;
  SendStatus status_ = SendStatus::ok;
};

template <class Time, class T>
class ReceiveLoop {
 public:
  ReceiveLoop(ServiceTimes service, double steps_per_ns, std::uint64_t pollute, std::size_t most,
              Take take = {})
      : service_(std::move(service)),
        steps_per_ns_(steps_per_ns),
        pollution_(pollute),
        log_(most),
        take_(take) {}

  /// Forgets the last leg and its stalls, and touches the memory for one of so many messages. While
  /// the channel is empty and no sender sends.
  void begin(std::size_t messages) {
    log_.clear();
    log_.prepare(messages);
    staller_.use({});
  }
  /// After begin(), as it.
  void stall(Stalls stalls) { staller_.use(std::move(stalls)); }

  /// Receives the next message and serves it. `arrived(message)`: false for one that ends it.
  /// `served(message)` runs when it has been served.
  template <class Receiver, class Arrived, class Served>
  RecvStatus step(Receiver& receiver, const Arrived& arrived, const Served& served) noexcept {
    pollution_.touch();
    const RecvStatus status = take(receiver);
    if (status != RecvStatus::ok) [[unlikely]]
      return status;
    const std::int64_t at = Time::now_ns();
    if (!arrived(message_)) [[unlikely]]
      return RecvStatus::closed;
    std::int64_t done = at;
    if (!service_.none()) {
      serve(service_.next());
      done = Time::now_ns();
    }
    served(message_);
    log_.push({MessageTraits<T>::word(message_), at, done});
    staller_.look(done);
    return RecvStatus::ok;
  }

  [[nodiscard]] const Log<Received>& log() const noexcept { return log_; }
  [[nodiscard]] std::size_t lost() const noexcept { return log_.lost(); }
  /// Work that there was to do so far: processor time, however long it took. Any thread.
  [[nodiscard]] std::int64_t served_ns() const noexcept {
    return served_ns_.load(std::memory_order_relaxed);  // a figure, no more
  }

 private:
  void serve(std::int64_t ns) noexcept {
    Time::work_for(ns, steps_per_ns_);
    // relaxed: a figure; one writer
    served_ns_.store(served_ns() + ns, std::memory_order_relaxed);
  }

  template <class Receiver>
  RecvStatus take(Receiver& receiver) noexcept {
    switch (take_.kind) {
      case Take::Kind::each:
        break;
      case Take::Kind::frames:
        return take_in_frames(receiver);
      case Take::Kind::batches:
        return take_in_batches(receiver);
    }
    return receiver.recv(message_);
  }

  /// All that is there at a tick; then nothing until the next.
  template <class Receiver>
  RecvStatus take_in_frames(Receiver& receiver) noexcept {
    for (;;) {
      const RecvStatus status = receiver.try_recv(message_);
      if (status != RecvStatus::empty) return status;
      const std::int64_t now = Time::now_ns();
      Time::sleep_until(now - now % take_.period_ns + take_.period_ns);
    }
  }

  /// One is waited for, the rest of the batch is what is there; behind each batch stands a flush.
  template <class Receiver>
  RecvStatus take_in_batches(Receiver& receiver) noexcept {
    if (taken_ > 0 && taken_ < take_.most) {
      const RecvStatus status = receiver.try_recv(message_);
      if (status == RecvStatus::ok) {
        ++taken_;
        return status;
      }
    }
    if (taken_ > 0) serve(take_.flush_ns);
    taken_ = 1;
    return receiver.recv(message_);
  }

  ServiceTimes service_;
  double steps_per_ns_;
  Pollution pollution_;
  Staller<Time> staller_;
  Log<Received> log_;
  Take take_;
  int taken_ = 0;  // of the batch
  std::atomic<std::int64_t> served_ns_{0};
  T message_{};
};

}  // namespace weir::scenario
