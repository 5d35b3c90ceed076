// The stage of a scenario: a channel, its senders and receivers, and one leg after another between
// them. Roles live as long as the trial; a director says what each leg offers and is told what came
// of it. Between legs the channel is empty.
//
//   sender 0 --+              +--> receiver 0
//   sender 1 --+--> channel --+--> receiver 1
#pragma once

#include <atomic>
#include <barrier>
#include <functional>
#include <memory>
#include <optional>
#include <vector>

#include "harness/scenario/backpressure.hpp"
#include "harness/scenario/costs.hpp"
#include "harness/scenario/latency.hpp"
#include "harness/scenario/loops.hpp"
#include "harness/scenario/oneshot.hpp"
#include "harness/scenario/scenario.hpp"
#include "harness/scenario/time.hpp"
#include "harness/stress/delay_sync.hpp"
#include "harness/trial.hpp"
#include "workloads/transfer.hpp"

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
        answers_(scenario.measure == Measure::round_trip),
        presses_(scenario.measure == Measure::backpressure),
        barrier_(spec_.producers),
        slots_(static_cast<std::size_t>(spec_.producers)),
        received_(static_cast<std::size_t>(spec_.consumers)),
        receivers_(static_cast<std::size_t>(spec_.consumers)),
        receiver_clocks_(static_cast<std::size_t>(spec_.consumers)) {}

  /// Plays all legs and verifies. The longest leg has `most` messages.
  bool play(Director director, std::size_t most) {
    director_ = std::move(director);
    most_ = most;
    const OnFull full = parse_on_full(spec_.full);
    for (int i = 0; i < spec_.producers; ++i) {
      const SendOptions options{
          .index = static_cast<std::uint32_t>(i),
          .pollute = spec_.pollute,
          .full = full,
          .crowded = crowded(),
          .loses = full.kind != OnFull::Kind::block || contract_.overflow != Overflow::block,
          .stamps_return = presses_};
      senders_.push_back(std::make_unique<Sender>(options, most_));
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
    for (const auto& sender : senders_) sum += sender->inside.size();
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

 private:
  /// A sender with its log of answers, where there are some.
  struct Sender {
    Sender(const SendOptions& options, std::size_t most) : loop(options, most), answers(most) {}
    SendLoop<RealTime, T> loop;
    Log<Received> answers;
    sys::ThreadClock cpu;
    Stalls inside;  ///< when it is to stop in the middle of an operation
  };
  using Receiver = ReceiveLoop<RealTime, T>;
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
  template <class Value>
  struct alignas(128) Apart {
    Value value{};
  };

  [[nodiscard]] std::size_t lost_entries() const {
    std::size_t sum = 0;
    for (const auto& sender : senders_) sum += sender->loop.lost() + sender->answers.lost();
    for (const auto& receiver : receivers_) sum += receiver ? receiver->lost() : 0;
    return sum;
  }

  // --- senders

  void send(Role& role) {
    const auto handle = channel_.sender();
    senders_[role.index()]->cpu = sys::ThreadClock::of_caller();
    sys::sharpen_sleeps();
    RoleCounts counts;
    role.wait_for_gate();
    const bool leads = role.index() == 0;
    for (;;) {
      if (leads) prepare();
      barrier_.arrive_and_wait();
      if (over_) break;
      run_leg(role, *handle, counts);
      barrier_.arrive_and_wait();
      if (leads) conclude();
    }
    const WaitStats waits = handle->stats();
    role.end(counts, operations_.counts_waits ? &waits : nullptr);
  }

  void run_leg(Role& role, AnySenderOf<T>& handle, RoleCounts& counts) {
    Sender& me = *senders_[role.index()];
    const auto evicted = [&](const T& message) noexcept {
      ++counts.evicted;
      evicted_.fetch_add(1, std::memory_order_relaxed);  // read after the barrier
      if (role.ledger() != nullptr)
        role.ledger()->record(MessageId::of(MessageTraits<T>::word(message)));
    };
    Stopper stopper(me.inside, point_of(Role::Kind::sender, role.index()));
    for (;;) {
      role.checkpoint(counts.messages);
      stopper.look();
      std::unique_ptr<Oneshot> answer;
      if (answers_) {
        answer = std::make_unique<Oneshot>();
        // release by the send that follows; the receiver reads it after its receive
        slots_[role.index()].value.store(answer.get(), std::memory_order_relaxed);
      }
      const Step step = me.loop.step(handle, evicted);
      if (step == Step::over) return;
      if (step == Step::broken) {
        role.fail("state", unexpected(me.loop.status()));
        broken_.store(true, std::memory_order_relaxed);  // read after the barrier
        return;
      }
      ++counts.offered;
      if (step == Step::refused) {
        ++counts.refused;
        continue;
      }
      ++counts.messages;
      if (answers_) take_answer(role, me, *answer, counts.messages - 1);
    }
  }

  void take_answer(Role& role, Sender& me, Oneshot& answer, std::uint64_t sequence) {
    const std::uint64_t word = MessageId{role.index(), sequence}.word();
    if (answer.wait() != word) role.fail("corrupt", "an answer is not the one to its request");
    const std::int64_t now = RealTime::now_ns();
    me.answers.push({word, now, now});
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
    constexpr std::int64_t kGraceNs = 200'000'000;
    constexpr std::int64_t kUntilStartNs = 1'000'000;
    const std::int64_t length = request->warm_up_ns + request->window_ns;
    std::vector<Leg> legs;
    std::size_t messages = 0;
    for (int i = 0; i < spec_.producers; ++i) {
      Leg leg;
      leg.asap = request->arrivals.kind == Arrivals::Kind::asap;
      leg.due = schedule({.arrivals = request->arrivals,
                          .rate = request->rate / spec_.producers,
                          .length_ns = length,
                          .sender = i,
                          .senders = spec_.producers,
                          .folder = scenario_.folder},
                         trial_.seed() + leg_number_ * 1000);
      messages += leg.due.size();
      legs.push_back(std::move(leg));
    }
    ++leg_number_;
    if (messages == 0) messages = expected(length);
    for (int i = 0; i < spec_.consumers; ++i) {
      receivers_[static_cast<std::size_t>(i)]->begin(messages, {});
    }
    for (const auto& sender : senders_) {
      sender->answers.clear();
      if (answers_) sender->answers.prepare(messages / senders_.size() + 1);
    }
    // What follows takes time that depends on the number of messages: the start is set after it.
    const std::size_t each = legs[0].asap ? 2 * messages / legs.size() + 1 : 0;
    for (std::size_t i = 0; i < legs.size(); ++i)
      senders_[i]->loop.prepare(legs[i].asap ? each : legs[i].due.size());
    const std::int64_t start = RealTime::now_ns() + kUntilStartNs;
    window_ = {start, start + request->warm_up_ns, start + length};
    for (std::size_t i = 0; i < legs.size(); ++i) {
      legs[i].start = start;
      legs[i].end = window_.end;
      legs[i].give_up = window_.end + kGraceNs;
      legs[i].count_from = window_.begin;
      if (request->counts) {
        legs[i].stalls = stalls_of(Role::Kind::sender, static_cast<int>(i), false);
        senders_[i]->inside = stalls_of(Role::Kind::sender, static_cast<int>(i), true);
      }
      senders_[i]->loop.begin(std::move(legs[i]));
    }
    counts_ = request->counts;
    if (counts_) {
      for (int i = 0; i < spec_.consumers; ++i) {
        receivers_[static_cast<std::size_t>(i)]->stall(stalls_of(Role::Kind::receiver, i, false));
      }
    }
    before_ = used_so_far();
    before_.memory.before_kib = sampler_.now_kib();
  }

  /// Messages of a leg without a rate: what can be served, or else as many as there is memory for
  /// that can be touched in a moment.
  [[nodiscard]] std::size_t expected(std::int64_t length_ns) const {
    constexpr std::size_t kMost = 1 << 21;
    const std::int64_t service_ns = parse_service(spec_.service).mean_ns;
    if (service_ns == 0) return std::min(most_, kMost / static_cast<std::size_t>(spec_.producers));
    const auto served = static_cast<std::size_t>(length_ns / service_ns * spec_.consumers);
    return std::min({most_, kMost, served + spec_.capacity});
  }

  /// `inside`: those in the middle of an operation.
  [[nodiscard]] Stalls stalls_of(Role::Kind kind, int index, bool inside) const {
    Stalls stalls;
    for (const Stall& stall : scenario_.stalls) {
      if (stall.kind != kind || stall.index != index || stall.point.empty() == inside) continue;
      const std::int64_t length = stall.for_ns > 0 ? stall.for_ns : spec_.stall_ns;
      if (length == 0) continue;
      for (std::int64_t at = window_.begin + stall.at_ns; at < window_.end; at += stall.every_ns) {
        stalls.push_back({at, at + length});
        if (stall.every_ns == 0) break;
      }
    }
    std::sort(stalls.begin(), stalls.end(), [](Gap a, Gap b) { return a.begin < b.begin; });
    return stalls;
  }

  /// Where the role is to stop; empty if nowhere.
  [[nodiscard]] std::string_view point_of(Role::Kind kind, std::uint32_t index) const {
    for (const Stall& stall : scenario_.stalls) {
      if (stall.kind == kind && static_cast<std::uint32_t>(stall.index) == index &&
          !stall.point.empty())
        return stall.point;
    }
    return {};
  }

  [[nodiscard]] std::vector<PlannedStall> planned() const {
    std::vector<PlannedStall> all;
    for (const Stall& stall : scenario_.stalls) {
      const std::string who = (stall.kind == Role::Kind::sender ? "sender " : "receiver ") +
                              std::to_string(stall.index) +
                              (stall.point.empty() ? "" : " in " + stall.point);
      for (const Gap& gap : stalls_of(stall.kind, stall.index, !stall.point.empty()))
        all.push_back({who, gap});
    }
    std::sort(all.begin(), all.end(), [](const PlannedStall& a, const PlannedStall& b) {
      return a.when.begin < b.when.begin;
    });
    return all;
  }

  /// What the leg has cost until now.
  [[nodiscard]] Costs used_so_far() const {
    Costs used{.at_ns = RealTime::now_ns()};
    for (const auto& sender : senders_) {
      used.senders_ns += sender->cpu.now_ns();
      used.paced_ns += sender->loop.paced_ns();
    }
    for (std::size_t i = 0; i < receivers_.size(); ++i) {
      used.receivers_ns += receiver_clocks_[i].now_ns();
      used.served_ns += receivers_[i]->served_ns();
    }
    return used;
  }

  /// Waits until everything that was taken has come out, and evaluates.
  void conclude() {
    Costs after = used_so_far();
    if (!drained()) {
      stuck_ = true;
      broken_.store(true, std::memory_order_relaxed);  // read by this thread, before the next leg
      return;
    }
    after.memory.after_kib = sampler_.now_kib();
    std::vector<SenderLog> senders;
    std::vector<std::span<const Received>> received;
    std::vector<Gap> gaps;
    for (const auto& sender : senders_) {
      const auto& loop = sender->loop;
      senders.push_back({loop.log().entries(), loop.first(), loop.leg().due, loop.refused()});
      gaps.insert(gaps.end(), loop.gaps().begin(), loop.gaps().end());
      if (answers_) received.push_back(sender->answers.entries());
    }
    if (!answers_) {
      for (const auto& receiver : receivers_) received.push_back(receiver->log().entries());
    }
    latency_ = evaluate(senders, received, window_, std::move(gaps), kIntervalNs);
    if (presses_ && counts_) evaluate_flow(senders, received, after);
  }

  void evaluate_flow(const std::vector<SenderLog>& senders,
                     std::vector<std::span<const Received>> received, const Costs& after) {
    Flow flow{
        .senders = {}, .receivers = std::move(received), .window = window_, .stalls = planned()};
    for (std::size_t i = 0; i < senders_.size(); ++i) {
      const auto& loop = senders_[i]->loop;
      flow.senders.push_back({senders[i], loop.refusals(), loop.evictions()});
    }
    constexpr std::int64_t kLeastStepNs = 100'000;
    constexpr std::int64_t kSteps = 250;
    const std::int64_t step = std::max(kLeastStepNs, (window_.end - window_.begin) / kSteps);
    backpressure_ = evaluate(flow, step);
    costs_ = after - before_;
    costs_.memory.before_kib = before_.memory.before_kib;
    sampler_.look_back(window_, step, costs_.memory);
  }

  /// Waits until everything that was taken has come out; false when nothing more comes.
  bool drained() {
    const std::int64_t patience_ns = 2'000'000'000 + longest_rest_ns();
    std::uint64_t taken = 0;
    for (const auto& sender : senders_) taken += sender->loop.taken();
    std::uint64_t seen = 0;
    for (std::int64_t since = RealTime::now_ns(); RealTime::now_ns() - since < patience_ns;) {
      std::uint64_t received = 0;
      // acquire: partner is the release in receive(); the logs are read after it
      for (const auto& count : received_) received += count.value.load(std::memory_order_acquire);
      if (received + evicted() >= taken) return true;
      if (received != seen) since = RealTime::now_ns();
      seen = received;
      sys::sleep_for(std::chrono::microseconds(50));
    }
    return false;
  }

  /// For which a receiver may do nothing although all is well.
  [[nodiscard]] std::int64_t longest_rest_ns() const {
    const Take take = parse_take(spec_.take);
    std::int64_t longest = std::max(take.period_ns, take.flush_ns);
    for (const Stall& stall : scenario_.stalls)
      longest = std::max(longest, stall.for_ns > 0 ? stall.for_ns : spec_.stall_ns);
    return longest;
  }

  [[nodiscard]] std::uint64_t evicted() const noexcept {
    return evicted_.load(std::memory_order_relaxed);  // the barrier has ordered it
  }

  // --- receivers

  void receive(Role& role) {
    const auto handle = channel_.receiver();
    const Service service = parse_service(spec_.service);
    const double steps = service.mean_ns > 0 ? work_steps_per_ns() : 0;
    receivers_[role.index()] =
        std::make_unique<Receiver>(ServiceTimes(service, trial_.seed() + role.index()), steps,
                                   spec_.pollute, most_, parse_take(spec_.take));
    receiver_clocks_[role.index()] = sys::ThreadClock::of_caller();
    sys::sharpen_sleeps();
    Receiver& loop = *receivers_[role.index()];
    std::atomic<std::uint64_t>& published = received_[role.index()].value;
    RoleCounts counts;
    role.wait_for_gate();
    const auto arrived = [&](const T& message) noexcept { return accept(*role.ledger(), message); };
    const auto served = [&](const T& message) noexcept {
      if (answers_) answer(MessageTraits<T>::word(message));
    };
    for (;;) {
      role.checkpoint(counts.messages);
      if (operations_.sized && counts.messages % 1024 == 0) role.sample_depth(channel_.size_hint());
      const RecvStatus status = loop.step(*handle, arrived, served);
      if (status != RecvStatus::ok) [[unlikely]] {
        if (status != RecvStatus::closed) role.fail("state", unexpected(status));
        break;
      }
      ++counts.messages;
      // release: partner is the acquire in wait_until_drained()
      published.store(counts.messages, std::memory_order_release);
    }
    const WaitStats waits = handle->stats();
    role.end(counts, operations_.counts_waits ? &waits : nullptr);
  }

  void answer(std::uint64_t word) noexcept {
    const MessageId id = MessageId::of(word);
    if (id.sender >= slots_.size()) return;  // damaged: the ledger has it
    // relaxed: the channel has ordered it; a sender has one request under way
    slots_[id.sender].value.load(std::memory_order_relaxed)->set(word);
  }

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
  const bool answers_;
  const bool presses_;
  Director director_;
  std::size_t most_ = 0;
  std::barrier<> barrier_;
  bool over_ = false;  // written before a barrier, read after it
  std::atomic<bool> broken_{false};
  std::atomic<std::uint64_t> evicted_{0};
  std::vector<Apart<std::atomic<Oneshot*>>> slots_;
  std::vector<Apart<std::atomic<std::uint64_t>>> received_;
  std::vector<std::unique_ptr<Sender>> senders_;
  std::vector<std::unique_ptr<Receiver>> receivers_;
  std::vector<sys::ThreadClock> receiver_clocks_;
  std::uint64_t leg_number_ = 0;
  Window window_;
  bool stuck_ = false;   // written by sender 0, read after it has been joined
  bool counts_ = false;  // the leg that is played
  Costs before_;
  Costs costs_;
  MemorySampler sampler_;
  std::optional<Latency> latency_;
  std::optional<Backpressure> backpressure_;
};

}  // namespace weir::scenario
