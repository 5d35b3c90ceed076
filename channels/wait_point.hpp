// Where threads of one kind (senders that found the channel full, or receivers that found it empty)
// sleep.
//
// An eventcount in one futex word: how many registered threads nobody has woken yet (waiters), and
// how many wakes were granted but not yet taken (permits). A waker turns a waiter into a permit and
// wakes one sleeper; whoever is registered may take the permit. Every registered thread is counted
// in exactly one of the two.
//
//   waiting thread                              waking thread
//     (1) prepare()    waiter + 1, seq_cst        (3) make the condition true, seq_cst
//     (2) re-check the condition, seq_cst         (4) wake_one(): load the word, seq_cst
//     then commit() or leave()
//
// Why no wake-up is lost:
// - (1) and (2) against (3) and (4): in the single order of the four either (2) sees (3), or (4)
// sees (1). A condition that
//   is made true by something weaker than a seq_cst read-modify-write needs wake_one_ordered(),
//   whose read-modify-write of the word takes the place of (3): one of the two read-modify-writes
//   comes first and the other one's thread sees it.
// - At most one wake is in flight: while a permit is out, (4) does nothing. The taker's
// read-modify-write of the word follows
//   the load of (4), so that the taker sees what (3) made. Therefore **whoever was registered
//   passes on**: after its operation, successful or not, it calls pass_on(), which wakes the next
//   thread if there may be work.
// - leave() takes a permit rather than a waiter. The sleeper that the kernel woke may be the one
// that leaves: had it left the
//   permit for the others, all of them could be asleep.
// - A permit taken by a thread other than the one that the kernel woke sends the latter back to
// sleep, still counted as
//   a waiter; the taker passes on. The word may come back to an old value meanwhile (FUTEX_WAIT
//   then sleeps): that value has no permit, so its permit was taken.
#pragma once

#include <climits>
#include <cstdint>

#include "channels/sync.hpp"

namespace weir {

template <class Sync = StdSync>
class WaitPoint {
 public:
  /// Registers the calling thread. It must re-check its condition and then call commit(),
  /// commit_until() or leave().
  void prepare() noexcept {
    word_.fetch_add(kWaiter, std::memory_order_seq_cst);  // (1)
    Sync::point("wait_point.prepared");
  }

  /// Unregisters a thread that found its condition true.
  void leave() noexcept {
    std::uint32_t word = word_.load(std::memory_order_relaxed);  // the exchange below validates it
    // seq_cst: pairs with the load (4) of a waker that saw our permit and did nothing.
    while (!word_.compare_exchange_weak(word, word - (has_permit(word) ? kPermit : kWaiter),
                                        std::memory_order_seq_cst, std::memory_order_relaxed)) {
    }
  }

  /// Sleeps until a permit is taken. Signals and spurious wakes are absorbed.
  void commit() noexcept {
    for (std::uint32_t word = 0; !take_permit(word);) Sync::futex_wait(word_, word);
  }

  /// As commit(); false when the deadline passed first. The thread is unregistered either way.
  bool commit_until(Deadline deadline) noexcept {
    for (std::uint32_t word = 0; !take_permit(word);) {
      if (!Sync::futex_wait_until(word_, word, deadline)) {
        leave();
        return false;
      }
    }
    return true;
  }

  /// Wakes one thread unless none is registered or a wake is in flight. One load when there is
  /// nothing to do. The caller made the condition true by a seq_cst read-modify-write.
  void wake_one() noexcept {
    std::uint32_t word = word_.load(std::memory_order_seq_cst);  // (4)
    if (word != 0) [[unlikely]]
      grant(word);
  }

  /// As wake_one(), for a condition made true by weaker stores: costs a read-modify-write.
  void wake_one_ordered() noexcept {
    const std::uint32_t word = word_.fetch_add(0, std::memory_order_seq_cst);
    if (word != 0) [[unlikely]]
      grant(word);
  }

  /// Wakes everyone who is registered; those who register later see what the caller did before.
  void wake_all() noexcept {
    std::uint32_t word = word_.fetch_add(0, std::memory_order_seq_cst);
    while (waiters(word) > 0) {
      if (word_.compare_exchange_weak(word, waiters(word) * (kPermit - kWaiter) + word,
                                      std::memory_order_seq_cst)) {
        Sync::futex_wake(word_, INT_MAX);
        return;
      }
    }
  }

  /// To be called by each thread that was registered, after its operation; `more` says whether
  /// others may find work.
  template <class More>
  void pass_on(More more) noexcept {
    const std::uint32_t word = word_.load(std::memory_order_seq_cst);
    if (waiters(word) > 0 && !has_permit(word) && more()) grant(word);
  }

 private:
  static constexpr std::uint32_t kWaiter = 1;
  static constexpr std::uint32_t kPermit = 1U << 16;

  static constexpr std::uint32_t waiters(std::uint32_t word) noexcept {
    return word & (kPermit - 1);
  }
  static constexpr bool has_permit(std::uint32_t word) noexcept { return word >= kPermit; }

  bool take_permit(std::uint32_t& word) noexcept {
    word = word_.load(
        std::memory_order_relaxed);  // the exchange, or the kernel's comparison, validates it
    while (has_permit(word)) {
      if (word_.compare_exchange_weak(word, word - kPermit, std::memory_order_seq_cst,
                                      std::memory_order_relaxed)) {
        return true;
      }
    }
    return false;
  }

  void grant(std::uint32_t word) noexcept {
    while (waiters(word) > 0 && !has_permit(word)) {
      if (word_.compare_exchange_weak(word, word - kWaiter + kPermit, std::memory_order_seq_cst)) {
        Sync::point("wait_point.granted");
        Sync::futex_wake(word_, 1);
        return;
      }
    }
  }

  typename Sync::template Atomic<std::uint32_t> word_{0};
};

}  // namespace weir
