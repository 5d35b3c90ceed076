// Many threads: every message arrives exactly once, whole, in its sender's order, and nobody is
// refused without a reason.
#include <gtest/gtest.h>

#include <atomic>
#include <numeric>
#include <random>

#include "crowd.hpp"
#include "time_limit.hpp"

namespace weir::test {
namespace {

/// Operations that found the channel full, and those that found it empty.
struct Hits {
  std::uint64_t full = 0;
  std::uint64_t empty = 0;
};

/// Sends and receives until all is through; everyone blocks.
Hits pass_all(const Family& family, std::size_t senders, std::size_t receivers,
              std::size_t capacity, std::uint64_t each) {
  SCOPED_TRACE(std::to_string(senders) + "x" + std::to_string(receivers) + ", capacity " +
               std::to_string(capacity));
  const auto channel = family.make(capacity);
  std::vector<Got> got(receivers);
  std::atomic<std::size_t> sending{senders};
  std::atomic<int> refused{0};
  std::atomic<std::uint64_t> full{0};
  std::atomic<std::uint64_t> empty{0};
  Crowd crowd(senders + receivers);
  for (std::size_t s = 0; s < senders; ++s) {
    crowd.add([&, s] {
      const auto sender = channel->sender();
      for (std::uint64_t i = 0; i < each; ++i) {
        if (sender->send(Token::make(s, i)) != SendStatus::ok) ++refused;
      }
      full += sender->stats().waited_operations;
      if (sending.fetch_sub(1) == 1) channel->close();
    });
  }
  for (std::size_t r = 0; r < receivers; ++r) {
    crowd.add([&, r] {
      const auto receiver = channel->receiver();
      Token token;
      while (receiver->recv(token) == RecvStatus::ok) got[r].note(token);
      empty += receiver->stats().waited_operations;
    });
  }
  crowd.join();
  EXPECT_EQ(refused.load(), 0) << "a send was refused although nobody had closed";
  expect_delivery(all_of(senders, each), got);
  return {full.load(), empty.load()};
}

class Delivery : public testing::TestWithParam<Family> {
 protected:
  const Family& family() const { return GetParam(); }
  TimeLimit limit_;
};
using Exact = Delivery;
using SizedExact = Delivery;
using Batches = Delivery;
using Parking = Delivery;

TEST_P(Delivery, EveryMessageArrivesExactlyOnceInItsSendersOrder) {
  constexpr std::array<std::pair<std::size_t, std::size_t>, 7> kTopologies{
      {{1, 1}, {2, 1}, {1, 2}, {2, 2}, {4, 1}, {3, 4}, {4, 4}}};
  Hits met;
  for (const auto& [senders, receivers] : kTopologies) {
    if (senders > 1 && !family().many_senders()) continue;
    if (receivers > 1 && !family().many_receivers()) continue;
    for (const std::size_t capacity : {1U, 2U, 3U, 100U}) {
      const Hits hits = pass_all(family(), senders, receivers, capacity,
                                 scaled(family(), 200, senders + receivers));
      met.full += hits.full;
      met.empty += hits.empty;
    }
  }
  if (family().counts_waits) {
    EXPECT_GT(met.full, 0U) << "nobody ever met a full channel: the test says little";
    EXPECT_GT(met.empty, 0U) << "nobody ever met an empty channel: the test says little";
  }
}

TEST_P(Delivery, HalfTheThreadsOfEachKindEndAtSmallCapacities) {
  const std::size_t senders = senders_of(family(), 8);
  const std::size_t receivers = receivers_of(family(), 8);
  for (std::size_t capacity = 1; capacity <= 5; ++capacity) {
    pass_all(family(), senders, receivers, capacity, scaled(family(), 40, senders + receivers));
  }
}

TEST_P(Delivery, OneProcessorIsEnoughForAll) {
  const OnOneProcessor pinned;
  const std::size_t senders = senders_of(family(), 3);
  const std::size_t receivers = receivers_of(family(), 3);
  // Who spins here waits for the end of a time slice each time.
  const std::uint64_t each = family().contract.wait == Wait::spin ? 10 : 100;
  for (const std::size_t capacity : {1U, 3U}) {
    pass_all(family(), senders, receivers, capacity, each);
  }
}

TEST_P(Delivery, AFreshChannelForEachMessageWorks) {
  for (int round = 0; round < 30; ++round) {
    pass_all(family(), senders_of(family(), 2), receivers_of(family(), 2), 1, 1);
  }
}

TEST_P(Delivery, TriesOnBothSidesLoseNothing) {
  constexpr std::size_t kCapacity = 3;
  const std::size_t senders = senders_of(family(), 2);
  const std::size_t receivers = receivers_of(family(), 2);
  const std::uint64_t each = scaled(family(), 500, senders + receivers);
  const auto channel = family().make(kCapacity);
  std::vector<Got> got(receivers);
  std::atomic<std::uint64_t> left{senders * each};
  Crowd crowd(senders + receivers);
  for (std::size_t s = 0; s < senders; ++s) {
    crowd.add([&, s] {
      const auto sender = channel->sender();
      for (std::uint64_t i = 0; i < each; ++i) {
        Token token = Token::make(s, i);
        while (sender->try_send(std::move(token)) != SendStatus::ok) StdSync::yield();
      }
    });
  }
  for (std::size_t r = 0; r < receivers; ++r) {
    crowd.add([&, r] {
      const auto receiver = channel->receiver();
      Token token;
      while (left.load() > 0) {
        if (receiver->try_recv(token) == RecvStatus::ok) {
          got[r].note(token);
          --left;
        } else {
          StdSync::yield();
        }
      }
    });
  }
  crowd.join();
  expect_delivery(all_of(senders, each), got);
}

INSTANTIATE_TEST_SUITE_P(Own, Delivery, testing::ValuesIn(own_families()), name_of_family);
INSTANTIATE_TEST_SUITE_P(Delayed, Delivery, testing::ValuesIn(delayed_families()), name_of_family);

// Answers that are exact leave no room for excuses.

TEST_P(Exact, NobodyIsRefusedWhileThereIsRoomForAll) {
  const std::size_t threads = senders_of(family(), 4);
  for (int round = 0; round < 40; ++round) {
    const auto channel = family().make(threads);
    std::atomic<int> refused{0};
    Crowd crowd(threads);
    for (std::size_t s = 0; s < threads; ++s) {
      crowd.add([&, s] {
        if (channel->sender()->try_send(Token::make(s, 0)) != SendStatus::ok) ++refused;
      });
    }
    crowd.join();
    ASSERT_EQ(refused.load(), 0);
    Token token;
    const auto receiver = channel->receiver();
    for (std::size_t s = 0; s < threads; ++s) {
      ASSERT_EQ(receiver->try_recv(token), RecvStatus::ok);
    }
    ASSERT_EQ(receiver->try_recv(token), RecvStatus::empty);
  }
}

TEST_P(Exact, NobodyComesBackEmptyWhileThereIsAMessageForEach) {
  const std::size_t threads = receivers_of(family(), 4);
  for (int round = 0; round < 40; ++round) {
    const auto channel = family().make(threads);
    const auto sender = channel->sender();
    for (std::size_t r = 0; r < threads; ++r) sender->send(Token::make(0, r));
    std::atomic<int> empty{0};
    Crowd crowd(threads);
    for (std::size_t r = 0; r < threads; ++r) {
      crowd.add([&] {
        Token token;
        if (channel->receiver()->try_recv(token) != RecvStatus::ok) ++empty;
      });
    }
    crowd.join();
    ASSERT_EQ(empty.load(), 0);
    for (std::size_t r = 0; r < threads; ++r) {
      ASSERT_EQ(sender->try_send(Token::make(0, r)), SendStatus::ok);
    }
    ASSERT_EQ(sender->try_send(Token{}), SendStatus::full);
  }
}

TEST_P(Exact, AThreadThatSendsThenReceivesNeverFailsWithAPlaceForEachThread) {
  // On one side only one thread may act, so that there one thread is all there is.
  const std::size_t threads = std::min(senders_of(family(), 4), receivers_of(family(), 4));
  for (const bool prefilled : {false, true}) {
    const auto channel = family().make(threads);
    if (prefilled) {
      const auto sender = channel->sender();
      for (std::size_t i = 0; i < threads; ++i) sender->send(Token::make(i, 0));
    }
    std::atomic<int> failed{0};
    Crowd crowd(threads);
    for (std::size_t t = 0; t < threads; ++t) {
      crowd.add([&, t] {
        const auto sender = channel->sender();
        const auto receiver = channel->receiver();
        Token token;
        for (std::uint64_t i = 0; i < 400; ++i) {
          if (prefilled && receiver->try_recv(token) != RecvStatus::ok) ++failed;
          if (sender->try_send(Token::make(t, i)) != SendStatus::ok) ++failed;
          if (!prefilled && receiver->try_recv(token) != RecvStatus::ok) ++failed;
        }
      });
    }
    crowd.join();
    EXPECT_EQ(failed.load(), 0) << (prefilled ? "full at first" : "empty at first");
  }
}

bool is_exact(const Family& family) { return family.exact_answers(); }
INSTANTIATE_TEST_SUITE_P(Own, Exact, testing::ValuesIn(where(own_families(), is_exact)),
                         name_of_family);
INSTANTIATE_TEST_SUITE_P(Delayed, Exact, testing::ValuesIn(where(delayed_families(), is_exact)),
                         name_of_family);

TEST_P(SizedExact, TheSizeStaysWithinTheCapacityAndASoleReceiverFindsWhatItSaw) {
  for (const std::size_t capacity : {1U, 3U}) {
    const std::size_t senders = senders_of(family(), 3);
    const std::uint64_t each = scaled(family(), 300, senders + 2);
    const auto channel = family().make(capacity);
    std::atomic<bool> over{false};
    std::size_t largest = 0;
    int vanished = 0;
    Crowd crowd(senders + 2);
    for (std::size_t s = 0; s < senders; ++s) {
      crowd.add([&, s] {
        const auto sender = channel->sender();
        for (std::uint64_t i = 0; i < each; ++i) sender->send(Token::make(s, i));
      });
    }
    crowd.add([&] {
      const auto receiver = channel->receiver();
      Token token;
      for (std::uint64_t left = senders * each; left > 0;) {
        const bool seen = channel->size_hint() > 0;
        const RecvStatus status = receiver->try_recv(token);
        if (status == RecvStatus::ok) {
          --left;
        } else {
          vanished += seen ? 1 : 0;
          StdSync::yield();
        }
      }
      over = true;
    });
    crowd.add([&] {
      while (!over.load()) {
        largest = std::max(largest, channel->size_hint());
        StdSync::yield();
      }
    });
    crowd.join();
    EXPECT_LE(largest, capacity);
    EXPECT_EQ(vanished, 0);
    EXPECT_EQ(channel->size_hint(), 0U);
  }
}

bool is_sized_and_exact(const Family& family) { return family.sized && family.exact_answers(); }
INSTANTIATE_TEST_SUITE_P(Own, SizedExact,
                         testing::ValuesIn(where(own_families(), is_sized_and_exact)),
                         name_of_family);
INSTANTIATE_TEST_SUITE_P(Delayed, SizedExact,
                         testing::ValuesIn(where(delayed_families(), is_sized_and_exact)),
                         name_of_family);

TEST_P(Batches, OfRandomLengthsArriveExactlyOnceAndWakeEnough) {
  for (const std::size_t capacity : {1U, 3U, 8U}) {
    SCOPED_TRACE("capacity " + std::to_string(capacity));
    const std::size_t senders = senders_of(family(), 2);
    const std::size_t receivers = receivers_of(family(), 3);
    const std::uint64_t each = scaled(family(), 400, senders + receivers);
    const auto channel = family().make(capacity);
    std::vector<Got> got(receivers);
    std::atomic<std::size_t> sending{senders};
    std::atomic<int> refused{0};
    Crowd crowd(senders + receivers);
    for (std::size_t s = 0; s < senders; ++s) {
      crowd.add([&, s] {
        const auto sender = channel->sender();
        std::mt19937_64 random(limit_.seed() + s);
        for (std::uint64_t next = 0; next < each;) {
          std::vector<Token> batch;
          for (std::uint64_t n = random() % 12 + 1; n > 0 && next < each; --n) {
            batch.push_back(Token::make(s, next++));
          }
          const SentBatch sent = sender->send_n(batch);
          if (sent.count != batch.size() || sent.status != SendStatus::ok) ++refused;
        }
        if (sending.fetch_sub(1) == 1) channel->close();
      });
    }
    for (std::size_t r = 0; r < receivers; ++r) {
      crowd.add([&, r] {
        const auto receiver = channel->receiver();
        std::mt19937_64 random(limit_.seed() + 100 + r);
        for (;;) {
          std::vector<Token> batch(random() % 12 + 1);
          const ReceivedBatch part = receiver->recv_n(batch);
          for (const Token& token : std::span(batch).first(part.count)) got[r].note(token);
          if (part.status != RecvStatus::ok) return;
        }
      });
    }
    crowd.join();
    EXPECT_EQ(refused.load(), 0);
    expect_delivery(all_of(senders, each), got);
  }
}

TEST_P(Batches, OneBatchWakesAsManyAsItHasMessages) {
  if (!family().many_receivers()) return;  // there is one to wake
  constexpr std::size_t kReceivers = 4;
  const int rounds = family().contract.wait == Wait::spin ? 5 : 50;
  for (int round = 0; round < rounds; ++round) {
    const auto channel = family().make(kReceivers);
    std::atomic<std::size_t> waiting{0};
    Crowd crowd(kReceivers + 1);
    for (std::size_t r = 0; r < kReceivers; ++r) {
      crowd.add([&] {
        const auto receiver = channel->receiver();
        Token token;
        ++waiting;
        EXPECT_EQ(receiver->recv(token), RecvStatus::ok);
      });
    }
    crowd.add([&] {
      while (waiting.load() < kReceivers) StdSync::yield();
      for (int i = 0; i < round; ++i) StdSync::yield();  // more and more of them are asleep
      std::vector<Token> batch;
      for (std::size_t i = 0; i < kReceivers; ++i) batch.push_back(Token::make(0, i));
      EXPECT_EQ(channel->sender()->send_n(batch).count, kReceivers);
    });
    crowd.join();  // or the time limit says who was not woken
  }
}

INSTANTIATE_TEST_SUITE_P(Own, Batches,
                         testing::ValuesIn(where(own_families(),
                                                 [](const Family& f) { return f.batch; })),
                         name_of_family);
INSTANTIATE_TEST_SUITE_P(Delayed, Batches,
                         testing::ValuesIn(where(delayed_families(),
                                                 [](const Family& f) { return f.batch; })),
                         name_of_family);

// Those that sleep: a lost wake-up is a thread that never ends.

TEST_P(Parking, AHundredThreadsWithARandomShareEachEnd) {
  const std::size_t senders = senders_of(family(), 50);
  const std::size_t receivers = receivers_of(family(), 50);
  constexpr std::uint64_t kMessages = 1000;
  const auto channel = family().make(3);
  // Everyone knows how much is his; the shares of both sides add up to the same.
  std::mt19937_64 random(limit_.seed());
  const auto share = [&](std::size_t members) {
    std::vector<std::uint64_t> shares(members, 0);
    for (std::uint64_t i = 0; i < kMessages; ++i) ++shares[random() % members];
    return shares;
  };
  const std::vector<std::uint64_t> to_send = share(senders);
  const std::vector<std::uint64_t> to_receive = share(receivers);
  std::vector<Got> got(receivers);
  std::vector<std::vector<std::uint64_t>> accepted(senders);
  Crowd crowd(senders + receivers);
  for (std::size_t s = 0; s < senders; ++s) {
    crowd.add([&, s] {
      const auto sender = channel->sender();
      for (std::uint64_t i = 0; i < to_send[s]; ++i) {
        if (sender->send(Token::make(s, i)) == SendStatus::ok) accepted[s].push_back(i);
      }
    });
  }
  for (std::size_t r = 0; r < receivers; ++r) {
    crowd.add([&, r] {
      const auto receiver = channel->receiver();
      Token token;
      for (std::uint64_t i = 0; i < to_receive[r]; ++i) {
        if (receiver->recv(token) == RecvStatus::ok) got[r].note(token);
      }
    });
  }
  crowd.join();
  expect_delivery(accepted, got);
}

bool parks(const Family& family) { return family.contract.wait == Wait::park; }
INSTANTIATE_TEST_SUITE_P(Own, Parking, testing::ValuesIn(where(own_families(), parks)),
                         name_of_family);
INSTANTIATE_TEST_SUITE_P(Delayed, Parking, testing::ValuesIn(where(delayed_families(), parks)),
                         name_of_family);

}  // namespace
}  // namespace weir::test
