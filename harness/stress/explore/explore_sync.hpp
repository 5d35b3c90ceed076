// The Sync policy of explored runs: the own algorithms, unchanged, on simulated primitives.
#pragma once

#include <bit>
#include <climits>
#include <condition_variable>
#include <cstring>

#include "channels/sync.hpp"
#include "channels/wait_policy.hpp"
#include "harness/stress/explore/world.hpp"

namespace weir::explore {

struct ExploreSync {
  /// Operations name the line of the algorithm that they stand in.
  template <class T>
  class Atomic {
    static_assert(std::is_trivially_copyable_v<T> && sizeof(T) <= 8);

   public:
    explicit Atomic(T value) noexcept { World::make(word_, bits(value)); }
    ~Atomic() { World::bury(word_); }
    Atomic(const Atomic&) = delete;
    Atomic& operator=(const Atomic&) = delete;

    T load(std::memory_order order, Where where = Where::current()) const noexcept {
      return value(World::the().load(word_, order, where));
    }
    void store(T to, std::memory_order order, Where where = Where::current()) noexcept {
      World::the().store(word_, bits(to), order, where);
    }
    T fetch_add(T by, std::memory_order order, Where where = Where::current()) noexcept {
      return value(World::the().add(word_, bits(by), kMask, order, where));
    }
    T fetch_sub(T by, std::memory_order order, Where where = Where::current()) noexcept {
      return value(World::the().add(word_, ~bits(by) + 1, kMask, order, where));
    }
    T fetch_or(T set, std::memory_order order, Where where = Where::current()) noexcept {
      return value(World::the().set_bits(word_, bits(set), order, where));
    }
    T exchange(T to, std::memory_order order, Where where = Where::current()) noexcept {
      return value(World::the().exchange(word_, bits(to), order, where));
    }
    bool compare_exchange_weak(T& expected, T desired, std::memory_order success,
                               std::memory_order failure, Where where = Where::current()) noexcept {
      std::uint64_t found = bits(expected);
      const bool exchanged =
          World::the().compare_exchange(word_, found, bits(desired), success, failure, where);
      expected = value(found);
      return exchanged;
    }
    bool compare_exchange_weak(T& expected, T desired, std::memory_order order,
                               Where where = Where::current()) noexcept {
      return compare_exchange_weak(expected, desired, order, std::memory_order_seq_cst, where);
    }
    void wait(T old, std::memory_order order, Where where = Where::current()) const noexcept {
      World::the().wait_while(word_, bits(old), order, where);
    }
    void notify_one(Where where = Where::current()) noexcept {
      World::the().notify(word_, 1, where);
    }
    void notify_all(Where where = Where::current()) noexcept {
      World::the().notify(word_, SIZE_MAX, where);
    }

   private:
    friend ExploreSync;
    static constexpr std::uint64_t kMask =
        sizeof(T) == 8 ? UINT64_MAX : (std::uint64_t{1} << (8 * sizeof(T) % 64)) - 1;

    static std::uint64_t bits(T value) noexcept {
      std::uint64_t word = 0;
      std::memcpy(&word, &value, sizeof(T));
      return word;
    }
    static T value(std::uint64_t word) noexcept {
      T value;
      std::memcpy(&value, &word, sizeof(T));
      return value;
    }

    Word word_;
  };

  template <class T>
  class Cell {
   public:
    void put(T&& value) noexcept {
      World::the().use(plain_, World::Use::put);
      inner_.put(std::move(value));
    }
    void take(T& out) noexcept {
      World::the().use(plain_, World::Use::take);
      inner_.take(out);
    }
    void drop() noexcept {
      World::the().use(plain_, World::Use::drop);
      inner_.drop();
    }

   private:
    Plain plain_;
    PlainCell<T> inner_;
  };

  class Mutex {
   public:
    void lock() noexcept { World::the().lock(state_); }
    void unlock() noexcept { World::the().unlock(state_); }

   private:
    friend ExploreSync;
    Lockable state_;
  };

  class CondVar {
   public:
    template <class Lock>
    void wait(Lock& lock) noexcept {
      World::the().wait(this, lock.mutex()->state_, nullptr);
    }
    template <class Lock>
    std::cv_status wait_until(Lock& lock, Deadline deadline) noexcept {
      return World::the().wait(this, lock.mutex()->state_, &deadline) ? std::cv_status::no_timeout
                                                                      : std::cv_status::timeout;
    }
    void notify_one() noexcept { World::the().notify(this, 1); }
    void notify_all() noexcept { World::the().notify(this, SIZE_MAX); }

   private:
    char unused_ = 0;  // an address of its own
  };

  class Semaphore {
   public:
    explicit Semaphore(std::ptrdiff_t permits) noexcept {
      state_.count = static_cast<std::uint64_t>(permits);
    }
    void acquire() noexcept { World::the().acquire(state_, true, nullptr); }
    [[nodiscard]] bool try_acquire() noexcept {
      return World::the().acquire(state_, false, nullptr);
    }
    [[nodiscard]] bool try_acquire_until(Deadline deadline) noexcept {
      return World::the().acquire(state_, true, &deadline);
    }
    void release() noexcept { World::the().release(state_); }

   private:
    Countable state_;
  };

  struct Clock {
    static Deadline now() noexcept { return World::the().now(); }
  };

  static void futex_wait(const Atomic<std::uint32_t>& word, std::uint32_t expected,
                         Where where = Where::current()) noexcept {
    World::the().futex_wait(word.word_, expected, nullptr, where);
  }
  static bool futex_wait_until(const Atomic<std::uint32_t>& word, std::uint32_t expected,
                               Deadline deadline, Where where = Where::current()) noexcept {
    return World::the().futex_wait(word.word_, expected, &deadline, where) !=
           World::Woke::timed_out;
  }
  static void futex_wake(const Atomic<std::uint32_t>& word, int count,
                         Where where = Where::current()) noexcept {
    World::the().futex_wake(word.word_, static_cast<std::size_t>(count), where);
  }

  static void pause() noexcept { World::the().pause(); }
  static void yield() noexcept { World::the().pause(); }
  static void enable_fences() noexcept {}
  static void light_fence() noexcept { World::the().light_fence(); }
  static void heavy_fence() noexcept { World::the().heavy_fence(); }
  static void point(const char* name) noexcept { World::the().point(name); }

  template <class T>
  [[nodiscard]] static std::unique_ptr<T[]> allocate(std::size_t count) {
    return std::make_unique<T[]>(count);
  }
};

}  // namespace weir::explore

namespace weir {

/// How often a waiting thread looks before it sleeps changes how long a run is, and not what can
/// happen in it: under the explorer it sleeps at once.
template <class Policy>
class WaitSteps<Policy, explore::ExploreSync> {
 public:
  [[nodiscard]] bool next() noexcept {
    if constexpr (Policy::kWait == Wait::park) return true;
    explore::World::the().pause();
    return false;
  }
  void restart() noexcept {}
};

}  // namespace weir
