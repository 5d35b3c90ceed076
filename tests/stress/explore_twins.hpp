// One-place channels that are sound, or have one fault each: what the explorer must tell apart.
#pragma once

#include "channels/channel.hpp"
#include "channels/sync.hpp"

namespace weir::explore {

enum class Fault : std::uint8_t {
  none,
  relaxed_publish,     ///< the message is published without an order to its construction
  claim_in_two,        ///< claims by a load and a store
  freed_first,         ///< the place is free before the message was taken out
  looks_at_the_stamp,  ///< `empty` by the stamp alone: a claimed place counts as empty
};

/// Many senders, one receiver. With all its cares, the protocol of MpscRing in small.
template <class T, class Sync, Fault kFault>
class OnePlace {
 public:
  using value_type = T;
  using sync_type = Sync;
  static constexpr Contract kContract{
      .consumers = Side::one, .overflow = Overflow::fail, .close = Close::none, .max_capacity = 1};

  explicit OnePlace(std::size_t) {}
  OnePlace(const OnePlace&) = delete;
  OnePlace& operator=(const OnePlace&) = delete;

  class Sender {
   public:
    explicit Sender(OnePlace& owner) noexcept : owner_(&owner) {}
    SendStatus try_send(T&& message) noexcept {
      std::uint32_t tail = owner_->tail_.load(std::memory_order_acquire);
      for (;;) {
        if (owner_->stamp_.load(std::memory_order_acquire) != 2 * tail) {
          const std::uint32_t now = owner_->tail_.load(std::memory_order_acquire);
          if (now == tail) return SendStatus::full;
          tail = now;
          continue;
        }
        if (owner_->claim(tail)) break;
      }
      owner_->cell_.put(std::move(message));
      owner_->stamp_.store(2 * tail + 1, kFault == Fault::relaxed_publish
                                             ? std::memory_order_relaxed
                                             : std::memory_order_release);
      return SendStatus::ok;
    }

   private:
    OnePlace* owner_;
  };

  class Receiver {
   public:
    explicit Receiver(OnePlace& owner) noexcept : owner_(&owner) {}
    RecvStatus try_recv(T& message) noexcept {
      const std::uint32_t head = owner_->head_.load(std::memory_order_relaxed);
      const std::uint32_t full = 2 * head + 1;
      if (owner_->stamp_.load(std::memory_order_acquire) != full) {
        if (kFault == Fault::looks_at_the_stamp) return RecvStatus::empty;
        if (owner_->tail_.load(std::memory_order_seq_cst) == head) return RecvStatus::empty;
        while (owner_->stamp_.load(std::memory_order_acquire) != full) Sync::pause();
      }
      if (kFault == Fault::freed_first) {
        owner_->stamp_.store(full + 1, std::memory_order_release);
      }
      owner_->cell_.take(message);
      if (kFault != Fault::freed_first) {
        owner_->stamp_.store(full + 1, std::memory_order_release);
      }
      owner_->head_.store(head + 1, std::memory_order_relaxed);
      return RecvStatus::ok;
    }

   private:
    OnePlace* owner_;
  };

  Sender sender() noexcept { return Sender(*this); }
  Receiver receiver() noexcept { return Receiver(*this); }

  /// Orders sends before looks at a wait point, as in MpscRing.
  [[nodiscard]] bool may_recv() const noexcept {
    return tail_.load(std::memory_order_seq_cst) != head_.load(std::memory_order_relaxed);
  }

 private:
  bool claim(std::uint32_t& tail) noexcept {
    if constexpr (kFault == Fault::claim_in_two) {
      const std::uint32_t now = tail_.load(std::memory_order_seq_cst);
      if (now == tail) tail_.store(tail + 1, std::memory_order_seq_cst);
      return std::exchange(tail, now) == now;
    } else {
      return tail_.compare_exchange_weak(tail, tail + 1, std::memory_order_seq_cst,
                                         std::memory_order_acquire);
    }
  }

  typename Sync::template Cell<T> cell_;
  typename Sync::template Atomic<std::uint32_t> stamp_{0};  // even: free; odd: full
  typename Sync::template Atomic<std::uint32_t> tail_{0};
  typename Sync::template Atomic<std::uint32_t> head_{0};  // the receiver's own
};

/// Parks the receiver of a OnePlace; senders pause. With kFlag, a sender wakes nobody while a wake
/// is in flight; who wakes up takes the flag down. It is put up too late: the woken one may have
/// taken it down, and sleep again, before. Then it stays up, and nobody is woken any more.
template <class T, class Sync, bool kFlag>
class FlaggedParking {
  using Inner = OnePlace<T, Sync, Fault::none>;

 public:
  using value_type = T;
  using sync_type = Sync;
  static constexpr Contract kContract{
      .consumers = Side::one, .close = Close::none, .wait = Wait::park, .max_capacity = 1};

  explicit FlaggedParking(std::size_t capacity) : inner_(capacity) {}

  class Sender {
   public:
    explicit Sender(FlaggedParking& owner) : owner_(&owner), inner_(owner.inner_.sender()) {}
    SendStatus try_send(T&& message) noexcept {
      const SendStatus status = inner_.try_send(std::move(message));
      if (status == SendStatus::ok) owner_->wake();
      return status;
    }
    SendStatus send(T&& message) noexcept {
      while (try_send(std::move(message)) != SendStatus::ok) Sync::pause();
      return SendStatus::ok;
    }

   private:
    FlaggedParking* owner_;
    typename Inner::Sender inner_;
  };

  class Receiver {
   public:
    explicit Receiver(FlaggedParking& owner) : owner_(&owner), inner_(owner.inner_.receiver()) {}
    RecvStatus try_recv(T& message) noexcept { return inner_.try_recv(message); }
    RecvStatus recv(T& message) noexcept {
      while (inner_.try_recv(message) != RecvStatus::ok) {
        owner_->waiting_.fetch_add(1, std::memory_order_seq_cst);
        const std::uint32_t epoch = owner_->epoch_.load(std::memory_order_seq_cst);
        const bool found = inner_.try_recv(message) == RecvStatus::ok;
        if (!found) Sync::futex_wait(owner_->epoch_, epoch);
        owner_->waiting_.fetch_sub(1, std::memory_order_seq_cst);
        if (kFlag) owner_->in_flight_.store(0, std::memory_order_seq_cst);
        if (found) break;
      }
      return RecvStatus::ok;
    }

   private:
    FlaggedParking* owner_;
    typename Inner::Receiver inner_;
  };

  Sender sender() { return Sender(*this); }
  Receiver receiver() { return Receiver(*this); }

 private:
  void wake() noexcept {
    if (waiting_.load(std::memory_order_seq_cst) == 0) return;
    if (kFlag && in_flight_.load(std::memory_order_seq_cst) != 0) return;
    epoch_.fetch_add(1, std::memory_order_seq_cst);
    Sync::futex_wake(epoch_, 1);
    if (kFlag) in_flight_.store(1, std::memory_order_seq_cst);
  }

  Inner inner_;
  typename Sync::template Atomic<std::uint32_t> waiting_{0};
  typename Sync::template Atomic<std::uint32_t> in_flight_{0};
  typename Sync::template Atomic<std::uint32_t> epoch_{0};
};

}  // namespace weir::explore
