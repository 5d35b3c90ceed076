#include "workloads/cycle.hpp"

#include <fmt/core.h>

#include <atomic>
#include <memory>
#include <nlohmann/json.hpp>
#include <stop_token>
#include <string>
#include <thread>
#include <vector>

#include "harness/record.hpp"
#include "harness/registry.hpp"
#include "harness/trial.hpp"

namespace weir {
namespace {

/// What a task publishes. One writer, and all seq_cst: the watcher judges by the order of it all.
struct alignas(128) Progress {
  std::atomic<std::uint64_t> tried{0};  ///< sends that it has begun
  std::atomic<std::uint64_t> sent{0};   ///< sends that are over
  std::atomic<std::uint64_t> taken{0};  ///< messages from the channel before it

  void add(std::atomic<std::uint64_t> Progress::*what) noexcept {
    (this->*what).fetch_add(1, std::memory_order_seq_cst);
  }
};

class Cycle {
 public:
  Cycle(Trial& trial, const ChannelEntry& entry)
      : trial_(trial),
        capacity_(trial.spec().capacity),
        tokens_(static_cast<std::uint64_t>(trial.spec().tokens)),
        progress_(static_cast<std::size_t>(trial.spec().stages)) {
    for (std::size_t i = 0; i < progress_.size(); ++i)
      channels_.push_back(entry.any.make(capacity_));
  }

  void run() {
    for (std::size_t i = 0; i < progress_.size(); ++i)
      trial_.add_sender([this, i](Role& role) { turn(role, i); });
    {
      const std::jthread watcher([this](const std::stop_token& stop) { watch(stop); });
      trial_.play([] {});
    }
    if (verified()) report();
  }

 private:
  void turn(Role& role, std::size_t me) {
    const auto sender = channels_[me]->sender();
    const auto receiver = channels_[before(me)]->receiver();
    RoleCounts counts;
    role.wait_for_gate();
    Token token{};
    Progress& mine = progress_[me];
    const auto pass_on = [&] {
      mine.add(&Progress::tried);
      if (sender->send(token) != SendStatus::ok) return false;
      mine.add(&Progress::sent);
      return true;
    };
    for (std::uint64_t i = 0; i < tokens_; ++i) {
      token = MessageTraits<Token>::make(MessageId{role.index(), i}.word());
      if (!pass_on()) return role.end(counts, nullptr);
    }
    while (receiver->recv(token) == RecvStatus::ok) {
      mine.add(&Progress::taken);
      if (!pass_on()) break;
      ++counts.messages;
      ++counts.offered;
      if (role.checkpoint(counts.messages) == Phase::stopping) close_all();
    }
    role.end(counts, nullptr);
  }

  struct Counts {
    std::uint64_t tried;
    std::uint64_t sent;
    std::uint64_t taken;
    bool operator==(const Counts&) const = default;
  };
  [[nodiscard]] std::vector<Counts> counts() const {
    std::vector<Counts> all;
    for (const Progress& p : progress_) {
      all.push_back({p.tried.load(std::memory_order_seq_cst),
                     p.sent.load(std::memory_order_seq_cst),
                     p.taken.load(std::memory_order_seq_cst)});
    }
    return all;
  }

  /// Each task is in a send that cannot end. Two equal readings of counts that only grow are a
  /// moment in which they all held. A task that has begun a send stands in it, so it takes nothing;
  /// and what it sends is one more than its channel can hold beside what was taken from it. This
  /// stays so for ever, and a slow machine cannot make it up.
  [[nodiscard]] bool stuck() const {
    const auto first = counts();
    for (std::size_t i = 0; i < first.size(); ++i) {
      const Counts& task = first[i];
      const Counts& next = first[(i + 1) % first.size()];
      if (task.tried == task.sent || task.tried != next.taken + capacity_ + 1) return false;
    }
    return first == counts();
  }

  void watch(const std::stop_token& stop) {
    const std::int64_t start = MonotonicClock::now_ns();
    while (!stop.stop_requested()) {
      if (stuck()) {
        found_after_ns_ = MonotonicClock::now_ns() - start;
        for (std::size_t i = 0; i < channels_.size(); ++i) {
          states_.push_back(
              fmt::format("task {} waits in send: channel {} is full ({} messages), and "
                          "task {}, which should take from it, waits in send too",
                          i, i, capacity_, (i + 1) % channels_.size()));
        }
        return close_all();
      }
      sys::sleep_for(std::chrono::milliseconds(1));
    }
  }

  void close_all() {
    for (const auto& channel : channels_) channel->close();
  }

  /// By count: what was sent into a channel was taken from it or is left in it.
  bool verified() {
    for (std::size_t i = 0; i < channels_.size(); ++i) {
      const auto receiver = channels_[i]->receiver();
      std::uint64_t left = 0;
      Token token{};
      while (receiver->recv(token) == RecvStatus::ok) ++left;
      // relaxed: the tasks have been joined
      const std::uint64_t sent = progress_[i].sent.load(std::memory_order_relaxed);
      const std::uint64_t taken =
          progress_[(i + 1) % channels_.size()].taken.load(std::memory_order_relaxed);
      if (sent == taken + left) continue;
      trial_.fail(sent > taken + left ? "loss" : "duplicate",
                  fmt::format("of {} messages sent into channel {}, {} were taken and {} are left",
                              sent, i, taken, left));
      return false;
    }
    return true;
  }

  void report() {
    const bool deadlocked = found_after_ns_ >= 0;
    trial_.report({"deadlocked", "flag", Direction::lower, deadlocked ? 1.0 : 0.0});
    if (!deadlocked)
      trial_.report({"passed", "msg/s", Direction::higher, trial_.rate_of(Role::Kind::sender)});
    Json line{{"deadlocked", deadlocked}, {"after_ms", nullptr}};
    if (deadlocked) line["after_ms"] = rounded(static_cast<double>(found_after_ns_) / 1e6);
    line["states"] = states_;
    trial_.report_more("cycle", line.dump());
  }

  /// The channel from which a task takes.
  [[nodiscard]] std::size_t before(std::size_t me) const {
    return (me + progress_.size() - 1) % progress_.size();
  }

  Trial& trial_;
  const std::size_t capacity_;
  const std::uint64_t tokens_;
  std::vector<Progress> progress_;
  std::vector<std::unique_ptr<AnyChannel>> channels_;
  std::int64_t found_after_ns_ = -1;
  std::vector<std::string> states_;
};

}  // namespace

void run_cycle(Trial& trial) {
  const ChannelEntry& entry = *registry().find_channel(trial.spec().channel);
  const Contract& contract = entry.contract;
  if (contract.bound != Bound::exact || contract.overflow != Overflow::block)
    throw NotApplicable("does not block at an exact capacity: a ring of it cannot be judged");
  if (!entry.any.operations.closes)
    throw NotApplicable("has no close: a deadlock could not be ended");
  Cycle(trial, entry).run();
}

void enter_cycle() {
  Case base;
  base.workload = "cycle";
  base.stages = 3;
  registry().add_workload(
      {.name = "cycle",
       .summary = "a ring of tasks over bounded channels: whether it turns or is deadlocked",
       .keys = {"stages", "tokens", "cap", "place"},
       .base = std::move(base),
       .erased = run_cycle});
}

}  // namespace weir
