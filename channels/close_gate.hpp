// Lets a sole sender in and out at the price of two plain stores, and lets anyone close behind it.
//
// "Check that it is open, then publish" and "close, then look whether someone is inside" is a
// store-load pattern on both sides; the sender would need a read-modify-write for each message. An
// asymmetric fence moves that whole price to close():
//
//   sender                                   closer
//     (1) progress = odd                       (3) closing = true
//         light fence                              heavy fence
//     (2) closing? then leave                  (4) wait until progress is even, then sealed = true
//
// Either (2) sees (3), or (4) sees (1) and waits until that one operation has ended. After `sealed`
// nothing more is accepted.
#pragma once

#include <cstdint>

#include "channels/sync.hpp"

namespace weir {

template <class Sync>
class CloseGate {
 public:
  CloseGate() { Sync::enable_fences(); }

  /// Sole sender: begins an operation after `sent` messages. False when closed; then it is out
  /// again.
  [[nodiscard]] bool enter(std::uint64_t sent) noexcept {
    // (1) ordered by the fence pair, read by (4). release: sent() may read the count off this store
    // as well, and what was sent before must be visible then; a relaxed one would not carry that
    // on.
    progress_.store(2 * sent + 1, std::memory_order_release);
    Sync::light_fence();
    if (closing_.load(std::memory_order_acquire)) [[unlikely]] {  // (2) synchronizes with (3)
      leave(sent);
      return false;
    }
    return true;
  }

  /// Sole sender: ends the operation; `sent` counts its message if there was one. release: partner
  /// is the load (4).
  void leave(std::uint64_t sent) noexcept { progress_.store(2 * sent, std::memory_order_release); }

  /// Anyone, any number of times. Waits for the one operation that may be under way.
  void close() noexcept {
    closing_.store(true, std::memory_order_release);  // (3) synchronizes with (2)
    Sync::heavy_fence();
    while ((progress_.load(std::memory_order_acquire) & 1) != 0) Sync::yield();  // (4)
    sealed_.store(true, std::memory_order_release);                              // (5)
  }

  /// When true, every accepted message is visible to the caller. acquire: partner is (5).
  [[nodiscard]] bool sealed() const noexcept { return sealed_.load(std::memory_order_acquire); }

  /// Messages sent so far, all of them visible to the caller. acquire: partners are (1) and
  /// leave().
  [[nodiscard]] std::uint64_t sent() const noexcept {
    return progress_.load(std::memory_order_acquire) / 2;
  }

 private:
  alignas(kSeparation)
      typename Sync::template Atomic<std::uint64_t> progress_{0};  // written by the sender
  alignas(kSeparation) typename Sync::template Atomic<bool> closing_{false};
  typename Sync::template Atomic<bool> sealed_{false};
};

}  // namespace weir
