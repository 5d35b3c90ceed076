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

#include "harness/scenario/latency.hpp"
#include "harness/scenario/loops.hpp"
#include "harness/scenario/oneshot.hpp"
#include "harness/scenario/scenario.hpp"
#include "harness/scenario/time.hpp"
#include "harness/trial.hpp"
#include "workloads/transfer.hpp"

namespace weir::scenario {

/// What is offered in one leg.
struct Request {
  Arrivals arrivals;
  double rate = 0;  ///< messages a second, over all senders
  std::int64_t warm_up_ns = 0;
  std::int64_t window_ns = 0;
  bool stalls = false;  ///< the scenario's events happen in it
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
        barrier_(spec_.producers),
        slots_(static_cast<std::size_t>(spec_.producers)),
        received_(static_cast<std::size_t>(spec_.consumers)),
        receivers_(static_cast<std::size_t>(spec_.consumers)) {}

  /// Plays all legs and verifies. The longest leg has `most` messages.
  bool play(Director director, std::size_t most) {
    director_ = std::move(director);
    most_ = most;
    for (int i = 0; i < spec_.producers; ++i) {
      const SendOptions options{.index = static_cast<std::uint32_t>(i),
                                .pollute = spec_.pollute,
                                .drops = spec_.full == "drop",
                                .crowded = crowded()};
      senders_.push_back(std::make_unique<Sender>(options, most_));
      trial_.add_sender([this](Role& role) { send(role); });
    }
    for (int i = 0; i < spec_.consumers; ++i)
      trial_.add_receiver([this](Role& role) { receive(role); });
    trial_.keep_ledgers(contract_);
    trial_.play([this] { end_receivers(); });
    take_leftovers();
    return trial_.verify();
  }

  /// Whether roles wait for each other's processor; then nobody can say what a gap means.
  [[nodiscard]] bool crowded() const {
    return spec_.place == Place::one ||
           static_cast<std::size_t>(spec_.roles()) > sys::allowed_cpus().size();
  }

 private:
  /// A sender with its log of answers, where there are some.
  struct Sender {
    Sender(const SendOptions& options, std::size_t most) : loop(options, most), answers(most) {}
    SendLoop<RealTime, T> loop;
    Log<Received> answers;
  };
  using Receiver = ReceiveLoop<RealTime, T>;
  template <class Value>
  struct alignas(128) Apart {
    Value value{};
  };

  // --- senders

  void send(Role& role) {
    const auto handle = channel_.sender();
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
    for (;;) {
      role.checkpoint(counts.messages);
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
    if (messages == 0) messages = std::min<std::size_t>(most_, 1 << 21);
    for (int i = 0; i < spec_.consumers; ++i) {
      receivers_[static_cast<std::size_t>(i)]->begin(messages, {});
    }
    for (const auto& sender : senders_) {
      sender->answers.clear();
      if (answers_) sender->answers.prepare(messages);
    }
    // What follows takes time that depends on the number of messages: the start is set after it.
    for (std::size_t i = 0; i < legs.size(); ++i) senders_[i]->loop.prepare(messages);
    const std::int64_t start = RealTime::now_ns() + kUntilStartNs;
    window_ = {start, start + request->warm_up_ns, start + length};
    for (std::size_t i = 0; i < legs.size(); ++i) {
      legs[i].start = start;
      legs[i].end = window_.end;
      legs[i].give_up = window_.end + kGraceNs;
      legs[i].count_from = window_.begin;
      if (request->stalls) legs[i].stalls = stalls_of(Role::Kind::sender, static_cast<int>(i));
      senders_[i]->loop.begin(std::move(legs[i]));
    }
    if (!request->stalls) return;
    for (int i = 0; i < spec_.consumers; ++i) {
      receivers_[static_cast<std::size_t>(i)]->stall(stalls_of(Role::Kind::receiver, i));
    }
  }

  [[nodiscard]] Stalls stalls_of(Role::Kind kind, int index) const {
    Stalls stalls;
    for (const Stall& stall : scenario_.stalls) {
      if (stall.kind != kind || stall.index != index) continue;
      for (std::int64_t at = window_.begin + stall.at_ns; at < window_.end; at += stall.every_ns) {
        stalls.push_back({at, at + stall.for_ns});
        if (stall.every_ns == 0) break;
      }
    }
    std::sort(stalls.begin(), stalls.end(), [](Gap a, Gap b) { return a.begin < b.begin; });
    return stalls;
  }

  /// Waits until everything that was taken has come out, and evaluates.
  void conclude() {
    wait_until_drained();
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
  }

  void wait_until_drained() {
    constexpr std::int64_t kPatienceNs = 2'000'000'000;
    std::uint64_t taken = 0;
    for (const auto& sender : senders_) taken += sender->loop.taken();
    std::uint64_t seen = 0;
    for (std::int64_t since = RealTime::now_ns(); RealTime::now_ns() - since < kPatienceNs;) {
      std::uint64_t received = 0;
      // acquire: partner is the release in receive(); the logs are read after it
      for (const auto& count : received_) received += count.value.load(std::memory_order_acquire);
      if (received + evicted() >= taken) return;
      if (received != seen) since = RealTime::now_ns();
      seen = received;
      sys::sleep_for(std::chrono::microseconds(50));
    }
  }

  [[nodiscard]] std::uint64_t evicted() const noexcept {
    return evicted_.load(std::memory_order_relaxed);  // the barrier has ordered it
  }

  // --- receivers

  void receive(Role& role) {
    const auto handle = channel_.receiver();
    const Service service = parse_service(spec_.service);
    const double steps = service.mean_ns > 0 ? work_steps_per_ns() : 0;
    receivers_[role.index()] = std::make_unique<Receiver>(
        ServiceTimes(service, trial_.seed() + role.index()), steps, spec_.pollute, most_);
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
  std::uint64_t leg_number_ = 0;
  Window window_;
  std::optional<Latency> latency_;
};

}  // namespace weir::scenario
