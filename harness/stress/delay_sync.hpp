// A Sync policy that takes its time: at every atomic operation, named point, lock and wake a thread
// may pause, give up its core or sleep; compare-and-swap may fail, and waits may end, for no reason
// at all. What an algorithm promises must hold all the same. Or it is calm, and only a thread that
// was told to stops at a named point, once.
#pragma once

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <mutex>
#include <string_view>
#include <thread>

#include "channels/sync.hpp"

namespace weir {

/// A thread's own dice. Each thread gets the next stream of the process's seed.
class Dice {
 public:
  /// Before the threads start. Draws the temper of the delays too.
  static void seed(std::uint64_t seed) noexcept {
    seed_.store(seed, std::memory_order_relaxed);  // the threads start after it
    streams_.store(0, std::memory_order_relaxed);
  }
  [[nodiscard]] static std::uint64_t seed() noexcept {
    return seed_.load(std::memory_order_relaxed);
  }
  static std::uint64_t roll() noexcept {
    thread_local std::uint64_t state =
        (seed() + streams_.fetch_add(1, std::memory_order_relaxed)) * 0x9e3779b97f4a7c15 | 1;
    state ^= state << 13;
    state ^= state >> 7;
    state ^= state << 17;
    return state >> 11;
  }
  static bool one_in(std::uint64_t chances) noexcept { return roll() % chances == 0; }

 private:
  static inline std::atomic<std::uint64_t> seed_{1};
  static inline std::atomic<std::uint64_t> streams_{0};
};

/// Where a thread is to stop: at the next point that it comes by whose name has `part` in it.
struct Stop {
  std::string_view part = {};
  Deadline until = {};
};

struct DelaySync : StdSync {
  /// Nothing happens by chance any more. Before the threads start.
  static void calm() noexcept { calm_.store(true, std::memory_order_relaxed); }

  /// The calling thread's, once.
  static inline thread_local Stop stop = {};
  /// How often a thread did.
  static std::uint64_t stopped() noexcept { return stopped_.load(std::memory_order_relaxed); }

  /// Mostly nothing; else a few pauses, a yield, 1 to 100 us, rarely 10 ms. The seed decides how
  /// often threads sleep: from one in 500 operations to one in 64 thousand.
  static void delay() noexcept {
    if (calm_.load(std::memory_order_relaxed)) return;  // the threads start after it
    const std::uint64_t roll = Dice::roll();
    const std::uint64_t sleeps = std::uint64_t{512} << (Dice::seed() % 8);
    if (roll % 8 == 0) {
      for (std::uint64_t i = roll / 8 % 40; i > 0; --i) pause();
    } else if (roll % 64 == 1) {
      StdSync::yield();
    } else if (roll % sleeps == 2) {
      const std::uint64_t draw = Dice::roll();
      std::this_thread::sleep_for(std::chrono::microseconds(draw % 512 == 0 ? 10'000 : draw % 100));
    }
  }
  /// At one named point in eight, which the seed chooses, threads stop for longer: whoever is there
  /// stands in the middle of its operation.
  static void point(const char* name) noexcept {
    if (!stop.part.empty() && std::string_view(name).find(stop.part) != std::string_view::npos) {
      // Who comes too late did not stop. Relaxed: a count, no more.
      if (Deadline::clock::now() < stop.until) stopped_.fetch_add(1, std::memory_order_relaxed);
      std::this_thread::sleep_until(stop.until);
      stop = {};
    }
    if (calm_.load(std::memory_order_relaxed)) return;
    constexpr std::uint64_t kPrime = 1099511628211;  // FNV-1a
    std::uint64_t hash = Dice::seed() * kPrime;
    for (const char letter : std::string_view(name)) {
      hash = (hash ^ static_cast<unsigned char>(letter)) * kPrime;
    }
    if (hash >> 32 & 7 || !Dice::one_in(64)) return delay();
    std::this_thread::sleep_for(std::chrono::microseconds(200 + Dice::roll() % 1000));
  }

  static bool by_chance(std::uint64_t chances) noexcept {
    return !calm_.load(std::memory_order_relaxed) && Dice::one_in(chances);
  }

  template <class T>
  class Atomic {
   public:
    explicit Atomic(T value) noexcept : inner_(value) {}
    T load(std::memory_order order) const noexcept {
      delay();
      return inner_.load(order);
    }
    void store(T value, std::memory_order order) noexcept {
      delay();
      inner_.store(value, order);
      delay();
    }
    T exchange(T value, std::memory_order order) noexcept {
      delay();
      return inner_.exchange(value, order);
    }
    T fetch_add(T by, std::memory_order order) noexcept {
      delay();
      return inner_.fetch_add(by, order);
    }
    T fetch_or(T bits, std::memory_order order) noexcept {
      delay();
      return inner_.fetch_or(bits, order);
    }
    bool compare_exchange_weak(T& expected, T desired, std::memory_order success,
                               std::memory_order failure) noexcept {
      delay();
      if (by_chance(16)) {  // weak: it may fail although the value is the expected one
        expected = inner_.load(failure);
        return false;
      }
      return inner_.compare_exchange_weak(expected, desired, success, failure);
    }
    bool compare_exchange_weak(T& expected, T desired, std::memory_order order) noexcept {
      return compare_exchange_weak(expected, desired, order, std::memory_order_seq_cst);
    }
    void wait(T old, std::memory_order order) const noexcept {
      if (!by_chance(16)) inner_.wait(old, order);
    }
    void notify_one() noexcept {
      delay();
      inner_.notify_one();
    }
    void notify_all() noexcept {
      delay();
      inner_.notify_all();
    }

   private:
    friend struct DelaySync;
    std::atomic<T> inner_;
  };

  /// Wakes without a reason now and then.
  class CondVar {
   public:
    template <class Lock>
    void wait(Lock& lock) {
      if (!woke_for_nothing(lock)) inner_.wait(lock);
    }
    template <class Lock>
    std::cv_status wait_until(Lock& lock, Deadline deadline) {
      return woke_for_nothing(lock) ? std::cv_status::no_timeout
                                    : inner_.wait_until(lock, deadline);
    }
    void notify_one() noexcept {
      delay();
      inner_.notify_one();
    }
    void notify_all() noexcept {
      delay();
      inner_.notify_all();
    }

   private:
    template <class Lock>
    static bool woke_for_nothing(Lock& lock) {
      if (!by_chance(8)) return false;
      lock.unlock();
      delay();
      lock.lock();
      return true;
    }
    std::condition_variable inner_;
  };

  static void futex_wait(const Atomic<std::uint32_t>& word, std::uint32_t expected) noexcept {
    delay();
    if (!by_chance(16)) StdSync::futex_wait(word.inner_, expected);  // a signal may end it
  }
  static bool futex_wait_until(const Atomic<std::uint32_t>& word, std::uint32_t expected,
                               Deadline deadline) noexcept {
    delay();
    return by_chance(16) || StdSync::futex_wait_until(word.inner_, expected, deadline);
  }
  static void futex_wake(const Atomic<std::uint32_t>& word, int count) noexcept {
    delay();
    StdSync::futex_wake(word.inner_, count);
  }

 private:
  static inline std::atomic<bool> calm_{false};
  static inline std::atomic<std::uint64_t> stopped_{0};
};

}  // namespace weir
