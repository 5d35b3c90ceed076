// The Sync policy: everything by which an own algorithm touches other threads, the kernel, the
// allocator or the clock. Algorithms are templates over it. StdSync is the release policy and costs
// nothing; a stress build passes a policy that delays, an explorer one that simulates: what is
// tested is what is measured.
#pragma once

#include <sched.h>

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <mutex>
#include <new>
#include <utility>

#include "channels/futex.hpp"
#include "channels/membarrier.hpp"
#include "channels/posix_semaphore.hpp"

#if defined(__x86_64__) || defined(__i386__)
#include <immintrin.h>
#endif

namespace weir {

/// Cursors that different threads write live this far apart: two lines, since adjacent lines are
/// prefetched in pairs.
inline constexpr std::size_t kSeparation = 128;

/// Storage for one message, constructed and destroyed by hand. A plain cell: the algorithm around
/// it must order every access, and ThreadSanitizer judges whether it does.
template <class T>
class PlainCell {
 public:
  PlainCell() noexcept {}
  ~PlainCell() {}
  PlainCell(const PlainCell&) = delete;
  PlainCell& operator=(const PlainCell&) = delete;

  /// Constructs the message from `value`. The cell must be empty.
  void put(T&& value) noexcept { std::construct_at(std::addressof(value_), std::move(value)); }
  /// Moves the message into `out` and destroys what is left. The cell must hold one.
  void take(T& out) noexcept {
    out = std::move(value_);
    std::destroy_at(std::addressof(value_));
  }
  /// Destroys the message in place. The cell must hold one.
  void drop() noexcept { std::destroy_at(std::addressof(value_)); }

 private:
  union {
    T value_;
  };
};

struct StdSync {
  template <class T>
  using Atomic = std::atomic<T>;
  template <class T>
  using Cell = PlainCell<T>;
  using Mutex = std::mutex;
  using CondVar = std::condition_variable;
  using Semaphore = PosixSemaphore;
  using Clock = std::chrono::steady_clock;

  static void futex_wait(const Atomic<std::uint32_t>& word, std::uint32_t expected) noexcept {
    futex::wait(word, expected);
  }
  static bool futex_wait_until(const Atomic<std::uint32_t>& word, std::uint32_t expected,
                               Deadline deadline) noexcept {
    return futex::wait_until(word, expected, deadline);
  }
  static void futex_wake(const Atomic<std::uint32_t>& word, int count) noexcept {
    futex::wake(word, count);
  }

  /// One step of a spin: tells the core that this is one, and does not give it up.
  static void pause() noexcept {
#if defined(__x86_64__) || defined(__i386__)
    _mm_pause();
#elif defined(__aarch64__)
    asm volatile("yield");
#endif
  }
  static void yield() noexcept { ::sched_yield(); }

  /// An asymmetric full fence: light_fence() keeps the compiler from reordering and costs nothing;
  /// heavy_fence() makes every other thread run a real one. Together they order as two seq_cst
  /// fences would. enable_fences() first, once.
  static void enable_fences() { membarrier::enable(); }
  static void light_fence() noexcept { std::atomic_signal_fence(std::memory_order_seq_cst); }
  static void heavy_fence() noexcept { membarrier::barrier(); }

  /// A named place at which a stress policy may stop a thread.
  static void point(const char*) noexcept {}

  /// An array of default-made elements, aligned as they ask; delete[] through the returned owner.
  template <class T>
  [[nodiscard]] static std::unique_ptr<T[]> allocate(std::size_t count) {
    return std::make_unique<T[]>(count);
  }
};

}  // namespace weir
