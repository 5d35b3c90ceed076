// The stage of a scenario: a channel, its senders and receivers, and one leg after another between
// them. Roles live as long as the trial; a director says what each leg offers and is told what came
// of it. Between legs the channel is empty.
//
//   sender 0 --+              +--> receiver 0
//   sender 1 --+--> channel --+--> receiver 1
#pragma once

#include <algorithm>
#include <atomic>
#include <barrier>
#include <functional>
#include <memory>
#include <optional>
#include <vector>

#include "harness/scenario/answers.hpp"
#include "harness/scenario/backpressure.hpp"
#include "harness/scenario/costs.hpp"
#include "harness/scenario/events.hpp"
#include "harness/scenario/latency.hpp"
#include "harness/scenario/receiving_role.hpp"
#include "harness/scenario/scenario.hpp"
#include "harness/scenario/sending_role.hpp"
#include "harness/scenario/time.hpp"
#include "harness/trial.hpp"

namespace weir::scenario {

/// What is offered in one leg.
struct Request {
  Arrivals arrivals;
  double rate = 0;  ///< messages a second, over all senders
  std::int64_t warm_up_ns = 0;
  std::int64_t window_ns = 0;
  bool counts = false;  ///< it is the one that is asked for: the scenario's events happen in it
};

/// Gets what came of the leg before (nothing at first), and says what is next; nothing ends it.
/// Called by one thread, while all senders rest.
using Director = std::function<std::optional<Request>(const Latency* last)>;

inline constexpr std::int64_t kIntervalNs = 100'000'000;
/// What a sender can do at most: a clock reading, a stamp and a send.
inline constexpr double kMostPerSender = 25e6;

template <class T>
class Stage {
 public:
  Stage(Trial& trial, const Scenario& scenario, AnyChannelOf<T>& channel,
        const Operations& operations, const Contract& contract)
      : trial_(trial),
        scenario_(scenario),
        channel_(channel),
        operations_(operations),
        contract_(contract),
        spec_(trial.spec()),
        events_(scenario, spec_),
        presses_(scenario.measure == Measure::backpressure),
        barrier_(spec_.producers),
        receivers_(static_cast<std::size_t>(spec_.consumers)) {
    if (scenario.measure == Measure::round_trip)
      answers_.emplace(static_cast<std::size_t>(spec_.producers));
  }

  /// Plays all legs and verifies. The longest leg has `most` messages.
  bool play(Director director, std::size_t most) {
    director_ = std::move(director);
    most_ = most;
    for (int i = 0; i < spec_.producers; ++i) {
      const auto index = static_cast<std::uint32_t>(i);
      senders_.push_back(std::make_unique<SendingRole<T>>(options_of(index), most_, answers(),
                                                          events_.point(index)));
      trial_.add_sender([this](Role& role) { send(role); });
    }
    for (int i = 0; i < spec_.consumers; ++i)
      trial_.add_receiver([this](Role& role) { receive(role); });
    trial_.keep_ledgers(contract_);
    if (presses_) sampler_.start();
    trial_.play([this] { end_receivers(); });
    sampler_.stop();
    take_leftovers();
    if (stuck_) trial_.fail("loss", "messages that were taken did not come out of the channel");
    if (lost_entries() > 0)
      trial_.fail("error", "there were more messages than the logs have room for");
    return trial_.verify();
  }

  /// How often a sender was to stop in the middle of an operation, in the leg that counts.
  [[nodiscard]] std::size_t stops_wanted() const {
    std::size_t sum = 0;
    for (const auto& sender : senders_) sum += sender->stops_wanted();
    return sum;
  }

  /// Whether roles wait for each other's processor; then nobody can say what a gap means.
  [[nodiscard]] bool crowded() const {
    return spec_.place == Place::one ||
           static_cast<std::size_t>(spec_.roles() + spec_.stages - 1) > sys::allowed_cpus().size();
  }

  /// Of the last leg that counted, in a scenario that asks for it.
  [[nodiscard]] const std::optional<Backpressure>& backpressure() const { return backpressure_; }
  /// Of the same leg.
  [[nodiscard]] const Costs& costs() const { return costs_; }
  [[nodiscard]] const Memory& memory() const { return memory_; }

 private:
  [[nodiscard]] Answers* answers() noexcept { return answers_ ? &*answers_ : nullptr; }

  [[nodiscard]] SendOptions options_of(std::uint32_t index) const {
    const OnFull full = parse_on_full(spec_.full);
    return {.index = index,
            .pollute = spec_.pollute,
            .full = full,
            .crowded = crowded(),
            .refuses = full.kind == OnFull::Kind::drop || contract_.overflow != Overflow::block,
            .stamps_return = presses_};
  }

  [[nodiscard]] std::size_t lost_entries() const {
    std::size_t sum = 0;
    for (const auto& sender : senders_) sum += sender->lost();
    for (const auto& receiver : receivers_) sum += receiver ? receiver->loop().lost() : 0;
    return sum;
  }

  // --- the roles' threads

  void send(Role& role) {
    const auto handle = channel_.sender();
    SendingRole<T>& me = *senders_[role.index()];
    me.enter();
    RoleCounts counts;
    role.wait_for_gate();
    const bool leads = role.index() == 0;
    for (;;) {
      if (leads) prepare();
      barrier_.arrive_and_wait();
      if (over_) break;
      if (!me.play(role, *handle, counts))
        broken_.store(true, std::memory_order_relaxed);  // read after the barrier
      barrier_.arrive_and_wait();
      if (leads) conclude();
    }
    end(role, *handle, counts);
  }

  void receive(Role& role) {
    const auto handle = channel_.receiver();
    auto& me = receivers_[role.index()];
    me = std::make_unique<ReceivingRole<T>>(spec_, trial_.seed() + role.index(), most_, answers());
    RoleCounts counts;
    role.wait_for_gate();
    me->play(role, *handle, counts, [&] {
      if (operations_.sized) role.sample_depth(channel_.size_hint());
    });
    end(role, *handle, counts);
  }

  template <class Handle>
  void end(Role& role, const Handle& handle, const RoleCounts& counts) const noexcept {
    const WaitStats waits = handle.stats();
    role.end(counts, operations_.counts_waits ? &waits : nullptr);
  }

  // --- between legs; sender 0 only

  void prepare() {
    const Latency* last = latency_ ? &*latency_ : nullptr;
    std::optional<Request> request;
    if (!broken_.load(std::memory_order_relaxed)) request = director_(last);
    if (!request) {
      over_ = true;
      return;
    }
    counts_ = request->counts;
    std::vector<Leg> legs = schedule_legs(*request);
    touch_memory(legs, request->warm_up_ns + request->window_ns);
    // What comes before takes time that depends on the number of messages: the start is set after
    // it.
    begin_legs(std::move(legs), *request);
    before_ = used_so_far();
    memory_.before_kib = sampler_.now_kib();
  }

  [[nodiscard]] std::vector<Leg> schedule_legs(const Request& request) {
    std::vector<Leg> legs(senders_.size());
    for (std::size_t i = 0; i < legs.size(); ++i) {
      legs[i].asap = request.arrivals.kind == Arrivals::Kind::asap;
      legs[i].due = schedule({.arrivals = request.arrivals,
                              .rate = request.rate / spec_.producers,
                              .length_ns = request.warm_up_ns + request.window_ns,
                              .sender = static_cast<int>(i),
                              .senders = spec_.producers,
                              .folder = scenario_.folder},
                             trial_.seed() + leg_number_ * 1000);
    }
    ++leg_number_;
    return legs;
  }

  void touch_memory(const std::vector<Leg>& legs, std::int64_t length_ns) {
    std::size_t messages = 0;
    for (std::size_t i = 0; i < legs.size(); ++i) {
      const std::size_t fair = legs[i].asap ? expected(length_ns) / legs.size() + 1 : 0;
      senders_[i]->prepare(legs[i].asap ? 2 * fair : legs[i].due.size());
      messages += legs[i].asap ? fair : legs[i].due.size();
    }
    for (const auto& receiver : receivers_) receiver->prepare(messages);
  }

  void begin_legs(std::vector<Leg> legs, const Request& request) {
    constexpr std::int64_t kGraceNs = 200'000'000;
    constexpr std::int64_t kUntilStartNs = 1'000'000;
    const std::int64_t start = RealTime::now_ns() + kUntilStartNs;
    const std::int64_t begin = start + request.warm_up_ns;
    window_ = {start, begin, begin + request.window_ns};
    for (std::uint32_t i = 0; i < legs.size(); ++i) {
      Leg& leg = legs[i];
      leg.start = start;
      leg.end = window_.end;
      leg.give_up = window_.end + kGraceNs;
      leg.count_from = window_.begin;
      if (counts_) leg.stalls = events_.between(Role::Kind::sender, i, window_);
      senders_[i]->begin(std::move(leg), counts_ ? events_.inside(i, window_) : Stalls{});
    }
    if (!counts_) return;
    for (std::uint32_t i = 0; i < receivers_.size(); ++i)
      receivers_[i]->stall(events_.between(Role::Kind::receiver, i, window_));
  }

  /// Messages of a leg without a rate: what can be served, or else as many as there is memory for
  /// that can be touched in a moment.
  [[nodiscard]] std::size_t expected(std::int64_t length_ns) const {
    constexpr std::size_t kMost = 1 << 21;
    const std::int64_t service_ns = parse_service(spec_.service).mean_ns;
    if (service_ns == 0) return std::min(most_, kMost / senders_.size());
    const auto served = static_cast<std::size_t>(length_ns / service_ns * spec_.consumers);
    return std::min({most_, kMost, served + spec_.capacity});
  }

  /// What the roles have used until now.
  [[nodiscard]] Costs used_so_far() const {
    Costs used{.at_ns = RealTime::now_ns()};
    for (const auto& sender : senders_) {
      used.senders_ns += sender->cpu_ns();
      used.paced_ns += sender->loop().paced_ns();
    }
    for (const auto& receiver : receivers_) {
      used.receivers_ns += receiver->cpu_ns();
      used.served_ns += receiver->loop().served_ns();
    }
    return used;
  }

  /// Waits until everything that was taken has come out, and evaluates.
  void conclude() {
    const Costs after = used_so_far();
    if (!drained()) {
      stuck_ = true;
      broken_.store(true, std::memory_order_relaxed);  // read by this thread, before the next leg
      return;
    }
    memory_.after_kib = sampler_.now_kib();
    std::vector<SenderLog> senders;
    std::vector<std::span<const Received>> received;
    std::vector<Gap> gaps;
    for (const auto& sender : senders_) {
      const auto& loop = sender->loop();
      senders.push_back({loop.log().entries(), loop.first(), loop.leg().due, loop.refused()});
      gaps.insert(gaps.end(), loop.gaps().begin(), loop.gaps().end());
      if (answers_) received.push_back(sender->answered().entries());
    }
    if (!answers_) {
      for (const auto& receiver : receivers_) received.push_back(receiver->loop().log().entries());
    }
    latency_ = evaluate(senders, received, window_, std::move(gaps), kIntervalNs);
    if (!presses_ || !counts_) return;
    costs_ = after - before_;
    evaluate_pressure(senders, std::move(received));
  }

  void evaluate_pressure(const std::vector<SenderLog>& senders,
                         std::vector<std::span<const Received>> received) {
    Flow flow{.senders = {},
              .receivers = std::move(received),
              .window = window_,
              .stalls = events_.planned(window_)};
    for (std::size_t i = 0; i < senders_.size(); ++i) {
      const auto& loop = senders_[i]->loop();
      flow.senders.push_back({senders[i], loop.refusals(), loop.evictions()});
    }
    constexpr std::int64_t kLeastStepNs = 100'000;
    constexpr std::int64_t kSteps = 250;
    const std::int64_t step = std::max(kLeastStepNs, (window_.end - window_.begin) / kSteps);
    backpressure_ = evaluate(flow, step);
    sampler_.look_back(window_, step, memory_);
  }

  /// Waits until everything that was taken has come out; false when nothing more comes.
  bool drained() {
    // Longer than a receiver may do nothing although all is well.
    const Take take = parse_take(spec_.take);
    const std::int64_t patience_ns =
        2'000'000'000 + std::max({take.period_ns, take.flush_ns, events_.longest_ns()});
    std::uint64_t taken = 0;
    std::uint64_t evicted = 0;
    for (const auto& sender : senders_) {
      taken += sender->loop().taken();
      evicted += sender->evicted();
    }
    std::uint64_t seen = 0;
    for (std::int64_t since = RealTime::now_ns(); RealTime::now_ns() - since < patience_ns;) {
      std::uint64_t received = 0;
      for (const auto& receiver : receivers_) received += receiver->received();
      if (received + evicted >= taken) return true;
      if (received != seen) since = RealTime::now_ns();
      seen = received;
      sys::sleep_for(std::chrono::microseconds(50));
    }
    return false;
  }

  // --- the end

  void end_receivers() {
    if (operations_.closes) return channel_.close();
    const auto handle = channel_.sender();
    for (int i = 0; i < spec_.consumers; ++i) {
      T mark = MessageTraits<T>::make(kEndMark);
      while (handle->send(mark) != SendStatus::ok) {
      }
    }
  }

  void take_leftovers() {
    if (!operations_.tries) return;
    const auto handle = channel_.receiver();
    T message{};
    std::uint64_t left = 0;
    while (handle->try_recv(message) == RecvStatus::ok)
      left += accept(trial_.own_ledger(), message) ? 1U : 0U;
    trial_.add_left(left);
  }

  Trial& trial_;
  const Scenario& scenario_;
  AnyChannelOf<T>& channel_;
  const Operations operations_;
  const Contract contract_;
  const Case& spec_;
  const Events events_;
  const bool presses_;
  Director director_;
  std::size_t most_ = 0;
  std::barrier<> barrier_;
  std::optional<Answers> answers_;  // where the scenario has some
  std::vector<std::unique_ptr<SendingRole<T>>> senders_;
  std::vector<std::unique_ptr<ReceivingRole<T>>> receivers_;
  std::atomic<bool> broken_{false};
  // Of sender 0, between legs; the others read `over_` after a barrier.
  bool over_ = false;
  bool stuck_ = false;
  bool counts_ = false;  // the leg that is played
  std::uint64_t leg_number_ = 0;
  Window window_;
  Costs before_;
  Costs costs_;
  Memory memory_;
  MemorySampler sampler_;
  std::optional<Latency> latency_;
  std::optional<Backpressure> backpressure_;
};

}  // namespace weir::scenario
