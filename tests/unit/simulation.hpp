// One sender and one receiver of the scenario driver, each with a virtual time of its own, in one
// thread, over a queue of the test's own: whoever needs the other to go on lets it.
#pragma once

#include <gtest/gtest.h>

#include <algorithm>
#include <deque>
#include <string_view>
#include <utility>
#include <vector>

#include "harness/scenario/backpressure.hpp"
#include "harness/scenario/latency.hpp"
#include "harness/scenario/loops.hpp"
#include "harness/scenario/time.hpp"

namespace weir::scenario::test {

using T = Payload<8>;

inline constexpr std::int64_t kMicro = 1'000;
inline constexpr std::int64_t kMilli = 1'000'000;
inline constexpr std::int64_t kSecond = 1'000'000'000;

struct Plan {
  std::string_view arrivals = "fixed";
  double rate = 1'000;
  std::string_view service = "0ns";
  std::size_t capacity = 1 << 20;
  std::int64_t length_ns = kSecond;
  Stalls sender_stalls = {};
  Stalls receiver_stalls = {};
  std::uint64_t seed = 1;
  std::string_view full = "block";
  bool evicts = false;  ///< the channel drops its oldest
  std::string_view take = "each";
};

class Simulation {
 public:
  explicit Simulation(const Plan& plan)
      : plan_(plan),
        sender_({.full = parse_on_full(plan.full),
                 .refuses = plan.full == "drop" || plan.evicts,
                 .stamps_return = true},
                4'000'000),
        receiver_(ServiceTimes(parse_service(plan.service), plan.seed), 1, 0, 4'000'000,
                  parse_take(plan.take)) {}

  Latency run() {
    VirtualClock::time_ns = 0;
    const Arrivals arrivals = parse_arrivals(plan_.arrivals);
    Leg leg;
    leg.asap = arrivals.kind == Arrivals::Kind::asap;
    leg.due = schedule({.arrivals = arrivals, .rate = plan_.rate, .length_ns = plan_.length_ns},
                       plan_.seed);
    leg.end = plan_.length_ns;
    leg.give_up = 2 * plan_.length_ns;
    leg.stalls = plan_.sender_stalls;
    due_ = leg.due;
    sender_.begin(leg);
    receiver_.stall(plan_.receiver_stalls);
    const auto none = [](const T&) noexcept {};
    for (Step step = Step::sent; step == Step::sent || step == Step::refused;)
      step = sender_.step(*this, none);
    while (!queue_.empty()) let_receive();
    return evaluate(std::vector{log()}, std::vector{received()}, window(), {}, 100 * kMilli);
  }

  /// After run().
  [[nodiscard]] Backpressure pressure() const {
    Flow flow{.senders = {{log(), sender_.refusals(), sender_.evictions()}},
              .receivers = {received()},
              .window = window(),
              .stalls = {}};
    for (const Gap& stall : plan_.sender_stalls) flow.stalls.push_back({"sender 0", stall});
    for (const Gap& stall : plan_.receiver_stalls) flow.stalls.push_back({"receiver 0", stall});
    return evaluate(flow, kMilli);
  }

  [[nodiscard]] std::span<const Sent> sent() const { return sender_.log().entries(); }

  // As the sender sees a channel.
  SendStatus send(T& message) noexcept { return offer(message, nullptr); }
  SendStatus try_send(T& message) noexcept {
    const Deadline now(std::chrono::nanoseconds(VirtualClock::time_ns));
    return offer(message, &now) == SendStatus::timed_out ? SendStatus::full : SendStatus::ok;
  }
  SendStatus send_until(T& message, Deadline deadline) noexcept {
    return offer(message, &deadline);
  }
  // As the receiver does.
  RecvStatus recv(T& message) noexcept {
    message = queue_.front().message;
    VirtualClock::time_ns = std::max(VirtualClock::time_ns, queue_.front().since);
    taken_at_ = VirtualClock::time_ns;
    queue_.pop_front();
    return RecvStatus::ok;
  }
  RecvStatus try_recv(T& message) noexcept {
    if (queue_.empty() || queue_.front().since > VirtualClock::time_ns) return RecvStatus::empty;
    return recv(message);
  }

 private:
  struct Waiting {
    T message;
    std::int64_t since;
  };

  [[nodiscard]] Window window() const { return {0, 0, plan_.length_ns}; }
  [[nodiscard]] SenderLog log() const { return {sent(), 0, due_, sender_.refused()}; }
  [[nodiscard]] std::span<const Received> received() const { return receiver_.log().entries(); }

  SendStatus offer(T& message, const Deadline* deadline) noexcept {
    catch_up();
    while (queue_.size() == plan_.capacity) {
      if (plan_.evicts) return evict(message);
      const std::int64_t mine = VirtualClock::time_ns;
      const std::int64_t next = std::max(receiver_time_, queue_.front().since);
      if (deadline != nullptr && next > deadline->time_since_epoch().count()) {
        VirtualClock::time_ns = std::max(mine, deadline->time_since_epoch().count());
        return SendStatus::timed_out;
      }
      let_receive();
      VirtualClock::time_ns = std::max(mine, taken_at_);
    }
    queue_.push_back({message, VirtualClock::time_ns});
    return SendStatus::ok;
  }

  SendStatus evict(T& message) noexcept {
    const T oldest = queue_.front().message;
    queue_.pop_front();
    queue_.push_back({message, VirtualClock::time_ns});
    message = oldest;
    return SendStatus::evicted;
  }

  /// What the receiver has done by now.
  void catch_up() noexcept {
    const std::int64_t now = VirtualClock::time_ns;
    while (!queue_.empty() && std::max(receiver_time_, queue_.front().since) <= now) let_receive();
    VirtualClock::time_ns = now;
  }

  void let_receive() noexcept {
    VirtualClock::time_ns = receiver_time_;
    const auto yes = [](const T&) noexcept { return true; };
    const auto none = [](const T&) noexcept {};
    EXPECT_EQ(receiver_.step(*this, yes, none), RecvStatus::ok);
    receiver_time_ = VirtualClock::time_ns;
  }

  Plan plan_;
  SendLoop<VirtualTime, T> sender_;
  ReceiveLoop<VirtualTime, T> receiver_;
  std::vector<std::int64_t> due_;
  std::deque<Waiting> queue_;
  std::int64_t receiver_time_ = 0;
  std::int64_t taken_at_ = 0;
};

}  // namespace weir::scenario::test
