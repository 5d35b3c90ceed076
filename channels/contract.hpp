// What a channel promises. A contract is a value: it chooses the cases that a channel must pass,
// the workloads that it enters and the columns of the report. Nobody is convicted of what was never
// promised.
#pragma once

#include <cstddef>
#include <limits>
#include <string_view>

namespace weir {

/// How many threads may use one side at a time.
enum class Side { one, many };
/// What the capacity means. `at_least`: the channel may hold more than it was asked for.
/// `rendezvous`: it holds nothing; a send ends when its message was received.
enum class Bound { exact, at_least, unbounded, rendezvous };
/// What a send does when the channel is full.
enum class Overflow { block, fail, drop_newest, drop_oldest };
/// Order of delivery. `per_sender`: messages of one sender arrive in order at each receiver.
enum class Order { fifo, per_sender, none };
/// Whether `full` or `empty` may be answered although the channel is not (a preempted claimant, a
/// lazy cursor).
enum class Answer { exact, spurious };
/// `drain`: what was accepted before close() is delivered, then receivers get `closed`. `none`: no
/// close().
enum class Close { drain, none };
/// How blocking operations wait. `none`: there are only try-forms.
enum class Wait { none, spin, yield, park };
/// What a message must be.
enum class MessageRule { nothrow_movable, trivially_copyable, nonzero_word };
/// `lock`: a mutex. `claim`: a thread preempted inside an operation can hold up others.
/// `lock_free`: it cannot.
enum class Progress { lock, claim, lock_free };
/// Which capacities exist at all.
enum class CapacityRule { any, power_of_two };

/// Where an implementation comes from.
struct Source {
  std::string_view name = "Weir";
  std::string_view version = "";
  std::string_view licence = "MIT";
  std::string_view url = "";
};

inline constexpr std::size_t kNoLimit = std::numeric_limits<std::size_t>::max();

struct Contract {
  Side producers = Side::many;
  Side consumers = Side::many;
  Bound bound = Bound::exact;
  Overflow overflow = Overflow::block;
  Order order = Order::fifo;
  Answer empty = Answer::exact;
  Answer full = Answer::exact;
  Close close = Close::drain;
  Wait wait = Wait::none;
  bool timed = false;
  MessageRule message = MessageRule::nothrow_movable;
  Progress progress = Progress::claim;
  CapacityRule capacity_rule = CapacityRule::any;
  std::size_t min_capacity = 1;
  std::size_t max_capacity = kNoLimit;
  Source source = {};

  /// Why a channel of this capacity cannot be made; empty when it can. An unbounded channel and a
  /// rendezvous ignore the capacity.
  [[nodiscard]] constexpr std::string_view why_not(std::size_t capacity) const noexcept {
    if (bound == Bound::unbounded || bound == Bound::rendezvous) return "";
    if (capacity < min_capacity) return "capacity below the smallest that this channel can have";
    if (capacity > max_capacity) return "capacity above the largest that this channel can have";
    if (capacity_rule == CapacityRule::power_of_two && (capacity & (capacity - 1)) != 0) {
      return "this channel rounds the capacity up to a power of two";
    }
    return "";
  }
};

}  // namespace weir
