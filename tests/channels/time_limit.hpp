// What every concurrent test has: a time limit, and a seed that is printed, of its delays too.
#pragma once

#include <gtest/gtest.h>

#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <mutex>
#include <random>
#include <string>
#include <thread>

#include "harness/stress/delay_sync.hpp"

namespace weir::test {

/// WEIR_TEST_SEED, or a fresh one for each process.
inline std::uint64_t process_seed() {
  static const std::uint64_t seed = [] {
    const char* const text = std::getenv("WEIR_TEST_SEED");
    return text != nullptr ? std::strtoull(text, nullptr, 10)
                           : std::uint64_t{std::random_device{}()};
  }();
  return seed;
}

/// Ends the process with the test's name and seed when the scope lasts longer than `limit`: a
/// thread that hangs cannot be ended in any other way.
class TimeLimit {
 public:
  explicit TimeLimit(std::chrono::seconds limit = std::chrono::seconds(60))
      : seed_(process_seed()), watchdog_([this, limit] { watch(limit); }) {
    Dice::seed(seed_);
    std::printf("[   seed   ] WEIR_TEST_SEED=%llu\n", static_cast<unsigned long long>(seed_));
  }
  TimeLimit(const TimeLimit&) = delete;
  TimeLimit& operator=(const TimeLimit&) = delete;
  ~TimeLimit() {
    {
      const std::lock_guard lock(mutex_);
      over_ = true;
    }
    ended_.notify_one();
    watchdog_.join();
  }

  [[nodiscard]] std::uint64_t seed() const noexcept { return seed_; }

 private:
  void watch(std::chrono::seconds limit) {
    std::unique_lock lock(mutex_);
    if (ended_.wait_for(lock, limit, [this] { return over_; })) return;
    const auto* const info = testing::UnitTest::GetInstance()->current_test_info();
    std::fprintf(stderr, "%s.%s did not end within %lld s; WEIR_TEST_SEED=%llu\n",
                 info != nullptr ? info->test_suite_name() : "?",
                 info != nullptr ? info->name() : "?", static_cast<long long>(limit.count()),
                 static_cast<unsigned long long>(seed_));
    std::abort();
  }

  const std::uint64_t seed_;
  std::mutex mutex_;
  std::condition_variable ended_;
  bool over_ = false;
  std::thread watchdog_;  // last: it uses the others
};

}  // namespace weir::test
