// A receiver on the stage of a scenario. It lives on its own thread and never rests: between legs
// the channel is empty, and it waits in it.
#pragma once

#include <atomic>
#include <cstdint>
#include <utility>

#include "harness/any_channel.hpp"
#include "harness/scenario/answers.hpp"
#include "harness/scenario/loops.hpp"
#include "harness/scenario/time.hpp"
#include "harness/trial.hpp"
#include "workloads/transfer.hpp"

namespace weir::scenario {

template <class T>
class ReceivingRole {
 public:
  /// On its own thread. `answers`: where there are some.
  ReceivingRole(const Case& spec, std::uint64_t seed, std::size_t most, Answers* answers)
      : answers_(answers),
        cpu_(sys::ThreadClock::of_caller()),
        loop_(ServiceTimes(parse_service(spec.service), seed), steps_per_ns(spec), spec.pollute,
              most, parse_take(spec.take)) {
    sys::sharpen_sleeps();
  }

  // --- by the stage, while the channel is empty

  void prepare(std::size_t messages) { loop_.begin(messages); }
  void stall(Stalls stalls) { loop_.stall(std::move(stalls)); }

  // --- by the stage, at any time

  /// Received so far. What it wrote down of them can be read afterwards.
  [[nodiscard]] std::uint64_t received() const noexcept {
    return received_.load(std::memory_order_acquire);  // partner: the release in play()
  }
  [[nodiscard]] std::int64_t cpu_ns() const noexcept { return cpu_.now_ns(); }
  [[nodiscard]] const ReceiveLoop<RealTime, T>& loop() const noexcept { return loop_; }

  /// On its own thread: receives until the channel ends. `depth()` is what the channel says of it.
  template <class Depth>
  void play(Role& role, AnyReceiverOf<T>& handle, RoleCounts& counts, const Depth& depth) {
    const auto arrived = [&](const T& message) noexcept { return accept(*role.ledger(), message); };
    const auto served = [&](const T& message) noexcept {
      if (answers_ != nullptr) answers_->give(MessageTraits<T>::word(message));
    };
    for (;;) {
      role.checkpoint(counts.messages);
      if (counts.messages % 1024 == 0) depth();
      const RecvStatus status = loop_.step(handle, arrived, served);
      if (status != RecvStatus::ok) [[unlikely]] {
        if (status != RecvStatus::closed) role.fail("state", unexpected(status));
        return;
      }
      ++counts.messages;
      received_.store(counts.messages, std::memory_order_release);  // partner: received()
    }
  }

 private:
  /// Calibrated where there is work to do.
  static double steps_per_ns(const Case& spec) {
    const bool works =
        parse_service(spec.service).mean_ns > 0 || parse_take(spec.take).flush_ns > 0;
    return works ? work_steps_per_ns() : 0;
  }

  Answers* answers_;
  sys::ThreadClock cpu_;
  ReceiveLoop<RealTime, T> loop_;
  alignas(128) std::atomic<std::uint64_t> received_{0};
};

}  // namespace weir::scenario
