// Recording: what a log keeps, what it refuses; and real channels, recorded and judged.
#include <gtest/gtest.h>

#include <atomic>
#include <barrier>
#include <deque>
#include <thread>

#include "channels/mpmc_ring.hpp"
#include "channels/mpsc_ring.hpp"
#include "channels/mutex_condvar.hpp"
#include "channels/spsc_ring.hpp"
#include "harness/stress/checker.hpp"
#include "time_limit.hpp"

namespace weir::test {
namespace {

using stress::check;
using stress::History;
using stress::Kind;
using stress::Log;
using stress::Operation;
using stress::Report;
using stress::Rule;

constexpr std::uint64_t word(std::uint32_t sender, std::uint64_t sequence) {
  return MessageId{sender, sequence}.word();
}

TEST(CheckerRecording, ALogKeepsWhatWasDoneInItsOrder) {
  Log log(3, 4);
  log.invoke(Kind::try_send, word(3, 0));
  log.respond(SendStatus::full);
  log.invoke(Kind::recv_until);
  log.respond(RecvStatus::ok, word(1, 5));
  const std::vector<Operation> operations = log.operations();
  ASSERT_EQ(operations.size(), 2U);
  EXPECT_EQ(operations[0].kind, Kind::try_send);
  EXPECT_EQ(operations[0].send_status(), SendStatus::full);
  EXPECT_EQ(operations[0].value, word(3, 0));
  EXPECT_EQ(operations[0].thread, 3);
  EXPECT_EQ(operations[1].recv_status(), RecvStatus::ok);
  EXPECT_EQ(operations[1].value, word(1, 5));
  EXPECT_LE(operations[0].invoked, operations[0].responded);
  EXPECT_LE(operations[0].responded, operations[1].invoked);
  EXPECT_EQ(log.room(), 2U);
}

TEST(CheckerRecording, AnEvictionTakesTwoPlacesWithOneInterval) {
  Log log(0, 2);
  log.invoke(Kind::send, word(0, 1));
  log.respond_evicted(word(0, 0));
  const std::vector<Operation> operations = log.operations();
  ASSERT_EQ(operations.size(), 2U);
  EXPECT_EQ(operations[1].kind, Kind::evict);
  EXPECT_EQ(operations[1].value, word(0, 0));
  EXPECT_EQ(operations[0].invoked, operations[1].invoked);
  EXPECT_EQ(operations[0].responded, operations[1].responded);
  EXPECT_FALSE(log.overflowed());
}

TEST(CheckerRecording, AnOperationThatNeverReturnedIsKeptAsPending) {
  Log log(0, 2);
  log.invoke(Kind::send, word(0, 0));
  ASSERT_EQ(log.operations().size(), 1U);
  EXPECT_TRUE(log.operations()[0].pending());
}

TEST(CheckerRecording, AHistoryRefusesWhatIsIncomplete) {
  Log log(0, 1);
  for (std::uint64_t i = 0; i < 2; ++i) {
    log.invoke(Kind::send, word(0, i));
    log.respond(SendStatus::ok);
  }
  EXPECT_TRUE(log.overflowed());
  History history;
  EXPECT_THROW(history.append(log), std::invalid_argument);
  const auto refuse = [&](std::vector<Operation> operations) {
    EXPECT_THROW(history.append(operations), std::invalid_argument);
    EXPECT_EQ(history.operations().size(), 0U);
    EXPECT_EQ(history.threads(), 0U);
  };
  const auto evicted = static_cast<std::uint8_t>(SendStatus::evicted);
  refuse({{5, 4, word(0, 0), Kind::send, 0, 0}});
  refuse({{5, 6, word(0, 0), Kind::send, 0, 0}, {2, 3, word(0, 1), Kind::send, 0, 0}});
  refuse({{1, stress::kNever, word(0, 0), Kind::send, 0, 0}, {2, 3, 0, Kind::recv, 1, 0}});
  refuse({{1, 2, word(0, 1), Kind::send, evicted, 0}});
  refuse({{1, 2, word(0, 1), Kind::evict, 0, 0}});
}

TEST(CheckerRecording, AThreadThatChangedProcessorsMayGoBackByTheSkew) {
  History history;
  const std::vector<Operation> operations{{10, 20, word(0, 0), Kind::send, 0, 0},
                                          {17, 18, word(0, 1), Kind::send, 0, 0}};
  EXPECT_NO_THROW(history.append(operations, 5));
  EXPECT_EQ(history.operations()[0].responded, 23U) << "no later than the next one's end";
  EXPECT_THROW(history.append(std::vector<Operation>{{10, 4, 0, Kind::close, 0, 0}}, 5),
               std::invalid_argument);
}

// --- real channels

struct Run {
  std::size_t senders = 1;
  std::size_t receivers = 1;
  std::size_t capacity = 1;
  std::uint64_t messages = 400;  // of each sender
};

/// Tries to send and to receive until all messages are through, and then closes.
template <class Channel>
History record(const Run& run) {
  const std::size_t room = run.messages * 200;
  Channel channel(run.capacity);
  std::deque<Log> logs;
  for (std::size_t i = 0; i < run.senders; ++i)
    logs.emplace_back(static_cast<std::uint16_t>(i), room);
  for (std::size_t i = 0; i < run.receivers; ++i) {
    logs.emplace_back(static_cast<std::uint16_t>(i), room);
  }
  Log closer(0, 1);
  std::barrier start(static_cast<std::ptrdiff_t>(run.senders + run.receivers));
  {
    std::vector<std::jthread> receivers;
    for (std::size_t i = 0; i < run.receivers; ++i) {
      receivers.emplace_back([&, i] {
        auto receiver = channel.receiver();
        Log& log = logs[run.senders + i];
        start.arrive_and_wait();
        for (RecvStatus status = RecvStatus::ok; status != RecvStatus::closed && log.room() > 0;) {
          std::uint64_t message = 0;
          log.invoke(Kind::try_recv);
          status = receiver.try_recv(message);
          log.respond(status, message);
          if (status == RecvStatus::empty) std::this_thread::yield();
        }
      });
    }
    {
      std::vector<std::jthread> senders;
      for (std::size_t i = 0; i < run.senders; ++i) {
        senders.emplace_back([&, i] {
          auto sender = channel.sender();
          Log& log = logs[i];
          start.arrive_and_wait();
          for (std::uint64_t sequence = 0; sequence < run.messages && log.room() > 0;) {
            const std::uint64_t message = word(static_cast<std::uint32_t>(i), sequence);
            log.invoke(Kind::try_send, message);
            const SendStatus status = sender.try_send(std::uint64_t{message});
            log.respond(status);
            if (status == SendStatus::ok) ++sequence;
            if (status == SendStatus::full) std::this_thread::yield();
          }
        });
      }
    }
    closer.invoke(Kind::close);
    channel.close();
    closer.respond_closed();
  }
  History history;
  bool drained = true;
  for (const Log& log : logs) {
    history.append(log);
    drained = drained && log.room() > 0;
  }
  history.append(closer);
  history.set_drained(drained);
  return history;
}

template <class Channel>
void expect_sound(std::size_t senders, std::size_t receivers) {
  const TimeLimit limit;
  for (const std::size_t capacity : {1U, 2U, 3U, 16U, 100U}) {
    Report report;
    for (int tries = 0; tries < 3; ++tries) {
      report = check(record<Channel>({senders, receivers, capacity}), Channel::kContract, capacity);
      // Threads that stood still in the middle of their operations may leave too much to search.
      if (!report.violations.empty() || report.undecided == 0) break;
    }
    EXPECT_TRUE(report.passed()) << "capacity " << capacity << ": " << report.text();
    EXPECT_TRUE(report.complete);
  }
}

TEST(CheckerRecording, SpscRingIsSound) { expect_sound<SpscRing<std::uint64_t>>(1, 1); }
TEST(CheckerRecording, MpscRingIsSound) { expect_sound<MpscRing<std::uint64_t>>(3, 1); }
TEST(CheckerRecording, MpmcRingIsSound) { expect_sound<MpmcRing<std::uint64_t>>(3, 3); }
TEST(CheckerRecording, MutexCondvarIsSound) { expect_sound<MutexCondvar<std::uint64_t>>(2, 2); }

/// Holds one message more than it says.
template <class Channel>
struct TooLarge : Channel {
  explicit TooLarge(std::size_t capacity) : Channel(capacity + 1) {}
};

/// Holds one message less.
template <class Channel>
struct TooSmall : Channel {
  explicit TooSmall(std::size_t capacity) : Channel(capacity - 1) {}
};

TEST(CheckerRecording, ACapacityThatIsOffByOneIsFound) {
  const TimeLimit limit;
  using Mutex = MutexCondvar<std::uint64_t>;
  const Report more = check(record<TooLarge<Mutex>>({2, 1, 2}), Mutex::kContract, 2);
  EXPECT_TRUE(more.violates(Rule::bound) || more.violates(Rule::exact)) << more.text();
  const Report less = check(record<TooSmall<Mutex>>({2, 1, 3}), Mutex::kContract, 3);
  EXPECT_TRUE(less.violates(Rule::full) || less.violates(Rule::exact)) << less.text();
}

}  // namespace
}  // namespace weir::test
