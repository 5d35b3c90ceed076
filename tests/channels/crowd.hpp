// A crowd: the threads of a concurrent test, what they sent and received, and what must be true of
// it.
#pragma once

#include <gtest/gtest.h>
#include <sched.h>

#include <algorithm>
#include <atomic>
#include <cstdint>
#include <string>
#include <thread>
#include <unordered_map>
#include <utility>
#include <vector>

#include "channels/sync.hpp"
#include "families.hpp"

namespace weir::test {

/// Starts threads that begin their work together, and joins them.
class Crowd {
 public:
  /// `members` threads will be added.
  explicit Crowd(std::size_t members) : members_(members) {}

  template <class Body>
  void add(Body body) {
    threads_.emplace_back([this, body = std::move(body)]() mutable {
      there_.fetch_add(1);
      while (there_.load() < members_) StdSync::yield();
      body();
    });
  }
  void join() { threads_.clear(); }

 private:
  const std::size_t members_;
  std::atomic<std::size_t> there_{0};
  std::vector<std::jthread> threads_;  // last: they use the others
};

/// What one receiver got, in its order.
struct Got {
  std::vector<std::uint64_t> ids;
  bool whole = true;

  void note(const Token& token) {
    whole = whole && token.whole();
    ids.push_back(token.id);
  }
};

/// Every token of `accepted` arrived once, nothing else did, and each receiver got the tokens of
/// one sender in order. `accepted[s]` are sequence numbers of sender s, ascending.
inline void expect_delivery(const std::vector<std::vector<std::uint64_t>>& accepted,
                            const std::vector<Got>& received) {
  std::unordered_map<std::uint64_t, int> times;
  for (std::size_t r = 0; r < received.size(); ++r) {
    EXPECT_TRUE(received[r].whole) << "receiver " << r << " got a token that was not as sent";
    std::unordered_map<std::uint64_t, std::uint64_t> last;
    for (const std::uint64_t id : received[r].ids) {
      ++times[id];
      const auto [entry, first] = last.try_emplace(id >> 32, id);
      if (first) continue;
      if (entry->second >= id) {
        ADD_FAILURE() << "receiver " << r << ": " << (id & 0xffffffff) << " of sender "
                      << (id >> 32) << " after " << (entry->second & 0xffffffff);
        return;
      }
      entry->second = id;
    }
  }
  std::size_t wanted = 0;
  for (std::size_t s = 0; s < accepted.size(); ++s) {
    wanted += accepted[s].size();
    for (const std::uint64_t sequence : accepted[s]) {
      const auto found = times.find(std::uint64_t{s} << 32 | sequence);
      const int count = found == times.end() ? 0 : found->second;
      if (count != 1) {
        ADD_FAILURE() << sequence << " of sender " << s << " arrived " << count << " times";
        return;
      }
    }
  }
  EXPECT_EQ(times.size(), wanted) << "something arrived that no send had accepted";
}

/// 0 to `count` - 1, for each of `senders`.
inline std::vector<std::vector<std::uint64_t>> all_of(std::size_t senders, std::uint64_t count) {
  std::vector<std::uint64_t> sequences;
  for (std::uint64_t i = 0; i < count; ++i) sequences.push_back(i);
  return std::vector(senders, sequences);
}

/// How many senders and receivers a family may have, at most `most` each.
inline std::size_t senders_of(const Family& family, std::size_t most) {
  return family.many_senders() ? most : 1;
}
inline std::size_t receivers_of(const Family& family, std::size_t most) {
  return family.many_receivers() ? most : 1;
}

/// Threads that only spin hold each other up for whole time slices where there are more of them
/// than processors; such a family gets less to do there.
inline std::uint64_t scaled(const Family& family, std::uint64_t messages, std::size_t threads) {
  const bool crowded = threads > 2 && family.contract.wait == Wait::spin;
  return crowded ? std::max<std::uint64_t>(messages / 20, 8) : messages;
}

/// Restricts this thread, and those that it starts, to one processor while it lives.
class OnOneProcessor {
 public:
  OnOneProcessor() {
    CPU_ZERO(&before_);
    ::sched_getaffinity(0, sizeof before_, &before_);
    cpu_set_t one;
    CPU_ZERO(&one);
    for (std::size_t cpu = 0; cpu < CPU_SETSIZE; ++cpu) {
      if (CPU_ISSET(cpu, &before_)) {
        CPU_SET(cpu, &one);
        break;
      }
    }
    ::sched_setaffinity(0, sizeof one, &one);
  }
  OnOneProcessor(const OnOneProcessor&) = delete;
  OnOneProcessor& operator=(const OnOneProcessor&) = delete;
  ~OnOneProcessor() { ::sched_setaffinity(0, sizeof before_, &before_); }

 private:
  cpu_set_t before_;
};

}  // namespace weir::test
