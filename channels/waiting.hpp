// Makes a blocking, timed channel of any try-channel: Waiting<TryChannel, Spin | Yield | Park>.
//
// Under Park both sides have a WaitPoint; see wait_point.hpp for why no wake-up is lost. What
// orders a successful operation against the other side's registration:
// - a try-channel with may_recv() claims its sends by a seq_cst read-modify-write, and its try_recv
// answers `empty` only after
//   a seq_cst load that would see such a claim: one plain load of the wait point follows a send;
//   may_send() is the same for receives. Both are true of a closed channel: who was told of the
//   close must tell the next one;
// - for any other try-channel a read-modify-write of the wait point follows each success.
// Nothing is added to the message path under Spin and Yield. close() exists where the try-channel
// has it.
#pragma once

#include <span>

#include "channels/channel.hpp"
#include "channels/wait_point.hpp"
#include "channels/wait_policy.hpp"

namespace weir {

namespace detail {

template <class C>
struct SyncOf {
  using type = StdSync;
};
template <class C>
requires requires { typename C::sync_type; }
struct SyncOf<C> {
  using type = typename C::sync_type;
};

constexpr Contract blocking_contract(Contract contract, Wait wait) noexcept {
  if (contract.overflow == Overflow::fail) contract.overflow = Overflow::block;
  contract.wait = wait;
  contract.timed = true;
  return contract;
}

}  // namespace detail

template <TryChannel Channel, class Policy>
class Waiting {
  using Sync = typename detail::SyncOf<Channel>::type;
  static constexpr bool kParks = Policy::kWait == Wait::park;
  static constexpr bool kOrderedSends = requires(const Channel& c) { c.may_recv(); };
  static constexpr bool kOrderedRecvs = requires(const Channel& c) { c.may_send(); };

 public:
  using value_type = typename Channel::value_type;
  using sync_type = Sync;
  static constexpr Contract kContract =
      detail::blocking_contract(Channel::kContract, Policy::kWait);

  /// Throws what the try-channel throws.
  explicit Waiting(std::size_t capacity) : channel_(capacity) {}

  class Sender {
   public:
    explicit Sender(Waiting& owner) : owner_(&owner), inner_(owner.channel_.sender()) {}

    /// Does not wait: ok, full, closed, or what the overflow policy says.
    SendStatus try_send(value_type&& message) noexcept {
      const SendStatus status = inner_.try_send(std::move(message));
      if (accepted(status)) owner_->after_send();
      return status;
    }
    /// Does not wait: ok, evicted or closed.
    SendStatus try_send_evicting(value_type&& message) noexcept requires
        EvictingSender<SenderOf<Channel>, value_type> {
      const SendStatus status = inner_.try_send_evicting(std::move(message));
      if (accepted(status)) owner_->after_send();
      return status;
    }
    /// Waits for room: ok or closed.
    SendStatus send(value_type&& message) noexcept { return send_within(message, nullptr); }
    /// Waits for room until `deadline`: ok, closed or timed_out.
    SendStatus send_until(value_type&& message, Deadline deadline) noexcept {
      return send_within(message, &deadline);
    }

    /// Waits until the whole batch is sent, or the channel is closed. One wake for each part that
    /// fits.
    SentBatch send_n(std::span<value_type> batch) noexcept requires TryBatchChannel<Channel> {
      SentBatch sent;
      while (sent.count < batch.size()) {
        const std::span<value_type> rest = batch.subspan(sent.count);
        SentBatch part = inner_.try_send_n(rest);
        if (part.count > 0) {
          owner_->after_send();
        } else {
          part = {0, send(std::move(rest.front()))};
          if (part.status == SendStatus::ok) part.count = 1;
        }
        sent.count += part.count;
        if (part.status == SendStatus::closed) return {sent.count, SendStatus::closed};
      }
      return sent;
    }

    [[nodiscard]] const WaitStats& stats() const noexcept { return stats_; }

   private:
    /// Without a deadline: nullptr. A pointer, because an optional that is passed by value costs a
    /// stalled load on each call that is not inlined.
    SendStatus send_within(value_type& message, const Deadline* deadline) noexcept {
      SendStatus status = inner_.try_send(std::move(message));
      if (status == SendStatus::full) [[unlikely]] {
        // A local goes into the out-of-line wait: an address of the caller's message that escapes
        // there would make every send go through memory.
        value_type kept = std::move(message);
        status = owner_->wait(
            owner_->senders_, [&]() noexcept { return inner_.try_send(std::move(kept)); },
            SendStatus::full, SendStatus::timed_out, deadline, stats_);
        if (status != SendStatus::ok) message = std::move(kept);
        if constexpr (kParks)
          owner_->senders_.pass_on([&]() noexcept { return owner_->may_send(); });
      }
      if (accepted(status)) owner_->after_send();
      return status;
    }

    Waiting* owner_;
    SenderOf<Channel> inner_;
    WaitStats stats_;
  };

  class Receiver {
   public:
    explicit Receiver(Waiting& owner) : owner_(&owner), inner_(owner.channel_.receiver()) {}

    /// Does not wait: ok, empty or closed.
    RecvStatus try_recv(value_type& message) noexcept {
      const RecvStatus status = inner_.try_recv(message);
      if (status == RecvStatus::ok) owner_->after_recv();
      return status;
    }
    /// Waits for a message: ok or closed.
    RecvStatus recv(value_type& message) noexcept { return recv_within(message, nullptr); }
    /// Waits for a message until `deadline`: ok, closed or timed_out.
    RecvStatus recv_until(value_type& message, Deadline deadline) noexcept {
      return recv_within(message, &deadline);
    }

    /// Waits for at least one message, takes what is there, up to the size of the batch.
    ReceivedBatch recv_n(std::span<value_type> batch) noexcept requires TryBatchChannel<Channel> {
      if (batch.empty()) return {};
      ReceivedBatch got = inner_.try_recv_n(batch);
      if (got.count > 0) {
        owner_->after_recv();
        return got;
      }
      if (got.status == RecvStatus::closed) return got;
      const RecvStatus status = recv(batch.front());
      return {status == RecvStatus::ok ? std::size_t{1} : std::size_t{0}, status};
    }

    [[nodiscard]] const WaitStats& stats() const noexcept { return stats_; }

   private:
    RecvStatus recv_within(value_type& message, const Deadline* deadline) noexcept {
      RecvStatus status = inner_.try_recv(message);
      if (status == RecvStatus::empty) [[unlikely]] {
        value_type came = std::move(message);  // as in send_within()
        status = owner_->wait(
            owner_->receivers_, [&]() noexcept { return inner_.try_recv(came); }, RecvStatus::empty,
            RecvStatus::timed_out, deadline, stats_);
        message = std::move(came);
        if constexpr (kParks)
          owner_->receivers_.pass_on([&]() noexcept { return owner_->may_recv(); });
      }
      if (status == RecvStatus::ok) owner_->after_recv();
      return status;
    }

    Waiting* owner_;
    ReceiverOf<Channel> inner_;
    WaitStats stats_;
  };

  Sender sender() { return Sender(*this); }
  Receiver receiver() { return Receiver(*this); }

  /// Anyone, any number of times; wakes everyone.
  void close() requires ClosableChannel<Channel> {
    channel_.close();
    if constexpr (kParks) {
      senders_.wake_all();
      receivers_.wake_all();
    }
  }

  [[nodiscard]] std::size_t size_hint() const noexcept requires SizedChannel<Channel> {
    return channel_.size_hint();
  }

 private:
  void after_send() noexcept {
    if constexpr (kParks && kOrderedSends) receivers_.wake_one();
    if constexpr (kParks && !kOrderedSends) receivers_.wake_one_ordered();
  }
  void after_recv() noexcept {
    if constexpr (kParks && Channel::kContract.bound != Bound::unbounded) {
      if constexpr (kOrderedRecvs) {
        senders_.wake_one();
      } else {
        senders_.wake_one_ordered();
      }
    }
  }
  // A channel that cannot tell may always have work: the woken thread looks for itself.
  bool may_send() const noexcept {
    if constexpr (kOrderedRecvs) return channel_.may_send();
    return true;
  }
  bool may_recv() const noexcept {
    if constexpr (kOrderedSends) return channel_.may_recv();
    return true;
  }

  /// Repeats `attempt` until it answers something other than `not_yet`, or the deadline passes.
  template <class Attempt, class Status>
  [[gnu::noinline]] Status wait(WaitPoint<Sync>& point, const Attempt& attempt, Status not_yet,
                                Status timed_out, const Deadline* deadline,
                                WaitStats& stats) noexcept {
    ++stats.waited_operations;
    ++stats.failed_tries;
    WaitSteps<Policy, Sync> steps;
    for (;;) {
      if (deadline && Sync::Clock::now() >= *deadline) {
        const Status last = attempt();  // an expired deadline still takes what is there
        return last == not_yet ? timed_out : last;
      }
      if (steps.next()) {
        const Status status = park(point, attempt, not_yet, deadline, stats);
        if (status != not_yet) return status;
        steps.restart();
      }
      const Status status = attempt();
      if (status != not_yet) return status;
      ++stats.failed_tries;
    }
  }

  /// Registers, re-checks, sleeps. `not_yet` when woken or timed out: the caller tries again.
  template <class Attempt, class Status>
  Status park(WaitPoint<Sync>& point, const Attempt& attempt, Status not_yet,
              const Deadline* deadline, WaitStats& stats) noexcept {
    point.prepare();
    const Status status = attempt();
    if (status != not_yet) {
      point.leave();
      return status;
    }
    ++stats.parks;
    const auto asleep = Sync::Clock::now();
    if (deadline) {
      point.commit_until(*deadline);
    } else {
      point.commit();
    }
    stats.parked_ns += static_cast<std::uint64_t>(
        std::chrono::duration_cast<std::chrono::nanoseconds>(Sync::Clock::now() - asleep).count());
    return not_yet;
  }

  Channel channel_;
  alignas(kSeparation) WaitPoint<Sync> senders_;
  alignas(kSeparation) WaitPoint<Sync> receivers_;
};

}  // namespace weir
