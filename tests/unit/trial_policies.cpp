// What a whole trial makes of a channel that is full: every message is accounted for as the
// channel's policy says, and one that forgets messages at its close is convicted.
#include <gtest/gtest.h>

#include <deque>
#include <mutex>
#include <nlohmann/json.hpp>
#include <typeinfo>

#include "channels/sync.hpp"
#include "harness/registry.hpp"
#include "harness/run_trial.hpp"
#include "workloads/throughput.hpp"

namespace weir::test {
namespace {

using std::chrono::milliseconds;

/// A correct channel under one lock, with what its policy says when it is full.
template <class T, Overflow kOverflow, int kFault = 0>
class Plain {
 public:
  using value_type = T;
  static constexpr Contract kContract{
      .overflow = kOverflow, .wait = Wait::yield, .progress = Progress::lock};
  explicit Plain(std::size_t capacity) : capacity_(capacity) {}

  class Sender {
   public:
    explicit Sender(Plain& channel) : channel_(&channel) {}
    SendStatus send(T&& message) noexcept { return channel_->put(message); }

   private:
    Plain* channel_;
  };
  class Receiver {
   public:
    explicit Receiver(Plain& channel) : channel_(&channel) {}
    RecvStatus recv(T& message) noexcept {
      RecvStatus status = RecvStatus::empty;
      while ((status = try_recv(message)) == RecvStatus::empty) StdSync::yield();
      return status;
    }
    RecvStatus try_recv(T& message) noexcept { return channel_->take(message); }

   private:
    Plain* channel_;
  };
  Sender sender() { return Sender(*this); }
  Receiver receiver() { return Receiver(*this); }
  void close() noexcept {
    const std::lock_guard lock(mutex_);
    closed_ = true;
  }

 private:
  SendStatus put(T& message) noexcept {
    for (;;) {
      {
        const std::lock_guard lock(mutex_);
        if (closed_) return SendStatus::closed;
        const bool full = messages_.size() >= capacity_;
        if (!full || kOverflow == Overflow::drop_oldest) {
          messages_.push_back(std::move(message));
          if (!full) return SendStatus::ok;
          message = std::move(messages_.front());
          messages_.pop_front();
          return SendStatus::evicted;
        }
        if (kOverflow == Overflow::drop_newest) return SendStatus::dropped;
      }
      StdSync::yield();
    }
  }
  RecvStatus take(T& message) noexcept {
    const std::lock_guard lock(mutex_);
    // The fault: closed goes before what is still there. Until then it keeps one message back, so
    // that there always is something to forget.
    constexpr std::size_t kKept = kFault == 0 ? 0 : 1;
    if (closed_ && (kFault != 0 || messages_.empty())) return RecvStatus::closed;
    if (messages_.size() <= kKept) return RecvStatus::empty;
    message = std::move(messages_.front());
    messages_.pop_front();
    return RecvStatus::ok;
  }

  const std::size_t capacity_;
  std::mutex mutex_;
  std::deque<T> messages_;
  bool closed_ = false;
};

template <class T>
using Blocks = Plain<T, Overflow::block>;
template <class T>
using DropsNewest = Plain<T, Overflow::drop_newest>;
template <class T>
using DropsOldest = Plain<T, Overflow::drop_oldest>;
template <class T>
using ForgetsToDrain = Plain<T, Overflow::block, 1>;

template <template <class> class C>
Json run_over(const char* name, int senders, int receivers) {
  if (registry().find_channel(name) == nullptr) {
    registry().add_channel({.name = name,
                            .summary = "",
                            .contract = C<Payload<8>>::kContract,
                            .type = typeid(C<Payload<8>>)});
    registry().add_workload({Throughput::kName, "", {"p", "c", "cap", "msg"}});
    registry().add_run(Throughput::kName, name, "8", &Throughput::run<C<Payload<8>>>);
  }
  Case spec;
  spec.workload = Throughput::kName;
  spec.channel = name;
  spec.producers = senders;
  spec.consumers = receivers;
  spec.capacity = 4;
  return run_trial(spec, 1, {milliseconds(2), milliseconds(20)}, {}).value();
}

TEST(Trials, OverAChannelThatBlocksRefuseNothing) {
  for (const int receivers : {1, 2}) {
    const Json record = run_over<Blocks>("blocks", 2, receivers);
    EXPECT_EQ(record["status"], "ok") << record["reason"];
    EXPECT_EQ(record["counts"]["offered"], record["counts"]["received"]);
  }
}

TEST(Trials, OverAChannelThatDropsTheNewestAccountForEveryMessage) {
  for (const int receivers : {1, 2}) {
    const Json record = run_over<DropsNewest>("drops_newest", 2, receivers);
    EXPECT_EQ(record["status"], "ok") << record["reason"];
    const Json& counts = record["counts"];
    EXPECT_GT(counts["refused"], 0);
    EXPECT_EQ(counts["offered"].get<int>(),
              counts["accepted"].get<int>() + counts["refused"].get<int>());
  }
}

TEST(Trials, OverAChannelThatEvictsTheOldestAccountForEveryMessage) {
  for (const int receivers : {1, 2}) {
    const Json record = run_over<DropsOldest>("drops_oldest", 2, receivers);
    EXPECT_EQ(record["status"], "ok") << record["reason"];
    const Json& counts = record["counts"];
    EXPECT_GT(counts["evicted"], 0);
    EXPECT_EQ(counts["accepted"].get<int>(),
              counts["received"].get<int>() + counts["evicted"].get<int>());
  }
}

TEST(Trials, OverAChannelThatForgetsToDrainFail) {
  const Json record = run_over<ForgetsToDrain>("forgets_to_drain", 2, 1);
  EXPECT_EQ(record["status"], "failed");
  EXPECT_EQ(record["failure"], "loss") << record["reason"];
}

}  // namespace
}  // namespace weir::test
