// A sender on the stage of a scenario: its loop, and what goes with each message. Its own thread
// plays the legs; between them, while it rests, the stage says what is next and reads what came of
// it.
#pragma once

#include <cstdint>
#include <string_view>
#include <utility>

#include "harness/any_channel.hpp"
#include "harness/scenario/answers.hpp"
#include "harness/scenario/loops.hpp"
#include "harness/scenario/time.hpp"
#include "harness/stress/delay_sync.hpp"
#include "harness/trial.hpp"
#include "workloads/transfer.hpp"

namespace weir::scenario {

/// Tells the calling thread to stop in the middle of its next operation when it is time to.
class Stopper {
 public:
  Stopper(const Stalls& stalls, std::string_view point) : stalls_(stalls), point_(point) {}
  void look() noexcept {
    if (next_ == stalls_.size()) [[likely]]
      return;
    if (RealTime::now_ns() < stalls_[next_].begin) return;
    DelaySync::stop = {point_, RealTime::deadline(stalls_[next_++].end)};
  }

 private:
  const Stalls& stalls_;
  std::string_view point_;
  std::size_t next_ = 0;
};

template <class T>
class SendingRole {
 public:
  /// `answers`: where there are some. Legs have `most` messages at most. `point`: see Stopper.
  SendingRole(const SendOptions& options, std::size_t most, Answers* answers,
              std::string_view point)
      : loop_(options, most),
        answers_(answers),
        answered_(answers != nullptr ? most : 0),
        point_(point) {}

  // --- between legs

  void prepare(std::size_t messages) noexcept {
    loop_.prepare(messages);
    answered_.prepare(messages);
  }
  /// `inside`: when it is to stop in the middle of an operation.
  void begin(Leg leg, Stalls inside) {
    loop_.begin(std::move(leg));
    answered_.clear();
    inside_ = std::move(inside);
  }
  [[nodiscard]] const SendLoop<RealTime, T>& loop() const noexcept { return loop_; }
  [[nodiscard]] const Log<Received>& answered() const noexcept { return answered_; }
  [[nodiscard]] std::size_t stops_wanted() const noexcept { return inside_.size(); }
  /// Messages that its sends pushed out, ever.
  [[nodiscard]] std::uint64_t evicted() const noexcept { return evicted_; }
  [[nodiscard]] std::size_t lost() const noexcept { return loop_.lost() + answered_.lost(); }
  [[nodiscard]] std::int64_t cpu_ns() const noexcept { return cpu_.now_ns(); }

  // --- on its own thread

  /// Before the gate.
  void enter() noexcept {
    cpu_ = sys::ThreadClock::of_caller();
    sys::sharpen_sleeps();
  }

  /// Plays the leg. False when the channel answered what it may not.
  bool play(Role& role, AnySenderOf<T>& handle, RoleCounts& counts) {
    Stopper stopper(inside_, point_);
    for (;;) {
      role.checkpoint(counts.messages);
      stopper.look();
      Reply answer;
      if (answers_ != nullptr) answers_->expect(role.index(), answer);
      const Step step = loop_.step(
          handle, [&](const T& message) noexcept { note_evicted(role, counts, message); });
      if (step == Step::over) return true;
      if (step == Step::broken) {
        role.fail("state", unexpected(loop_.status()));
        return false;
      }
      ++counts.offered;
      ++(step == Step::sent ? counts.messages : counts.refused);
      if (step == Step::sent && answers_ != nullptr) take_answer(role, answer, counts.messages - 1);
    }
  }

 private:
  void note_evicted(Role& role, RoleCounts& counts, const T& message) noexcept {
    ++evicted_;
    ++counts.evicted;
    if (role.ledger() != nullptr)
      role.ledger()->record(MessageId::of(MessageTraits<T>::word(message)));
  }

  void take_answer(Role& role, Reply& answer, std::uint64_t sequence) {
    const std::uint64_t word = MessageId{role.index(), sequence}.word();
    std::uint64_t said = 0;
    if (answer.recv(said) != RecvStatus::ok || said != word)
      role.fail("corrupt", "an answer is not the one to its request");
    const std::int64_t now = RealTime::now_ns();
    answered_.push({word, now, now});
  }

  SendLoop<RealTime, T> loop_;
  Answers* answers_;
  Log<Received> answered_;
  std::string_view point_;
  Stalls inside_;
  std::uint64_t evicted_ = 0;
  sys::ThreadClock cpu_;
};

}  // namespace weir::scenario
