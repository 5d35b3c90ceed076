// Hands each message over in a Oneshot of its own, which its receiver ends while the sender may
// still be inside: what a Oneshot promises, as a channel that cases and the explorer can attack.
#pragma once

#include <memory>

#include "channels/mpmc_ring.hpp"
#include "channels/oneshot.hpp"
#include "channels/waiting.hpp"

namespace weir {

/// Promises what the ring promises that carries the places; no time-outs.
template <Message T, class Sync = StdSync>
class ByOneshot {
  using Place = Oneshot<T, Sync>;
  using Ring = Waiting<MpmcRing<Place*, Sync>, Park>;

 public:
  using value_type = T;
  using sync_type = Sync;
  static constexpr Contract kContract{.wait = Wait::park,
                                      .max_capacity = RingGeometry::kMaxCapacity};

  /// Throws std::invalid_argument for a capacity of 0 or above 2^30.
  explicit ByOneshot(std::size_t capacity) : ring_(capacity) {}
  ByOneshot(const ByOneshot&) = delete;
  ByOneshot& operator=(const ByOneshot&) = delete;
  ~ByOneshot() {
    auto receiver = ring_.receiver();
    for (Place* place = nullptr; receiver.try_recv(place) == RecvStatus::ok;) delete place;
  }

  class Sender {
   public:
    explicit Sender(ByOneshot& channel) : inner_(channel.ring_.sender()) {}
    /// ok, full or closed.
    SendStatus try_send(T&& message) noexcept {
      return offer(message, [&](Place*&& place) { return inner_.try_send(std::move(place)); });
    }
    /// Waits: ok or closed.
    SendStatus send(T&& message) noexcept {
      return offer(message, [&](Place*&& place) { return inner_.send(std::move(place)); });
    }
    [[nodiscard]] const WaitStats& stats() const noexcept { return inner_.stats(); }

   private:
    /// The place first, the message then: its receiver waits for it there.
    template <class Send>
    static SendStatus offer(T& message, const Send& send) noexcept {
      auto place = std::make_unique<Place>();
      const SendStatus status = send(place.get());
      if (status == SendStatus::ok) place.release()->send(std::move(message));
      return status;
    }

    SenderOf<Ring> inner_;
  };

  class Receiver {
   public:
    explicit Receiver(ByOneshot& channel) : inner_(channel.ring_.receiver()) {}
    /// ok, empty, or closed once drained.
    RecvStatus try_recv(T& message) noexcept {
      Place* place = nullptr;
      const RecvStatus status = inner_.try_recv(place);
      return status == RecvStatus::ok ? take(place, message) : status;
    }
    /// ok, or closed once drained.
    RecvStatus recv(T& message) noexcept {
      Place* place = nullptr;
      const RecvStatus status = inner_.recv(place);
      return status == RecvStatus::ok ? take(place, message) : status;
    }
    [[nodiscard]] const WaitStats& stats() const noexcept { return inner_.stats(); }

   private:
    static RecvStatus take(Place* place, T& message) noexcept {
      const std::unique_ptr<Place> ended(place);
      return ended->recv(message);
    }

    ReceiverOf<Ring> inner_;
  };

  Sender sender() { return Sender(*this); }
  Receiver receiver() { return Receiver(*this); }

  /// Anyone, any number of times; wakes everyone.
  void close() noexcept { ring_.close(); }

  [[nodiscard]] std::size_t size_hint() const noexcept { return ring_.size_hint(); }

 private:
  Ring ring_;
};

}  // namespace weir
