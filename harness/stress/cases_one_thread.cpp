// One thread, one sender handle, one receiver handle: what the words mean before anything races.
#include <algorithm>
#include <array>
#include <chrono>
#include <string>

#include "harness/stress/case.hpp"
#include "harness/stress/requirements.hpp"
#include "harness/stress/tokens.hpp"

namespace weir::stress {
namespace {

namespace need = requirements;

std::uint64_t word(std::uint64_t number) { return MessageId{0, number}.word(); }

std::string of_capacity(std::size_t capacity) {
  return " (capacity " + std::to_string(capacity) + ")";
}

/// A channel with one handle of each kind, and the book-keeping of what it met.
struct Solo {
  Solo(Context& the_context, std::size_t capacity)
      : context(the_context),
        channel(the_context.make(capacity)),
        sender(channel->sender()),
        receiver(channel->receiver()) {}

  SendStatus try_send(std::uint64_t number) {
    Token message = token(number);
    const SendStatus status = sender->try_send(message);
    ++context.met.operations;
    if (status == SendStatus::full || status == SendStatus::dropped) ++context.met.full;
    if (status == SendStatus::evicted) ++context.met.full;
    if (status == SendStatus::closed) ++context.met.closed;
    return status;
  }
  /// The number received, or -1 and the status in `last`.
  std::int64_t try_recv() {
    Token message{};
    last = receiver->try_recv(message);
    ++context.met.operations;
    if (last == RecvStatus::empty) ++context.met.empty;
    if (last == RecvStatus::closed) ++context.met.closed;
    return last == RecvStatus::ok
               ? static_cast<std::int64_t>(MessageId::of(message.words[0]).sequence)
               : -1;
  }

  Context& context;
  std::unique_ptr<AnyChannel> channel;
  std::unique_ptr<AnySender> sender;
  std::unique_ptr<AnyReceiver> receiver;
  RecvStatus last = RecvStatus::ok;
};

/// What a try_send that finds no room answers, where the message stays with the caller.
SendStatus refusal(const Context& context) {
  const bool drops = context.contract().overflow == Overflow::drop_newest;
  return drops ? SendStatus::dropped : SendStatus::full;
}

void fills_and_drains(Context& context) {
  for (const std::size_t capacity : context.capacities({1, 2, 3, 5, 8, 64, 100, 4096})) {
    Solo solo(context, capacity);
    std::uint64_t sent = 0;
    std::int64_t received = 0;
    for (int lap = 0; lap < 3; ++lap) {
      for (std::size_t i = 0; i < capacity; ++i) {
        if (solo.try_send(sent++) != SendStatus::ok) {
          return context.fail("holds only " + std::to_string(i) + of_capacity(capacity));
        }
      }
      if (solo.try_send(sent) != refusal(context)) {
        return context.fail("took one more than it can hold" + of_capacity(capacity));
      }
      for (std::size_t i = 0; i < capacity; ++i) {
        if (const std::int64_t got = solo.try_recv(); got != received++) {
          return context.fail("message " + std::to_string(received - 1) + " was due, got " +
                              std::to_string(got) + of_capacity(capacity));
        }
      }
      if (solo.try_recv() != -1 || solo.last != RecvStatus::empty) {
        return context.fail("not empty after all was received" + of_capacity(capacity));
      }
    }
  }
}

void wraps_many_times(Context& context) {
  for (const std::size_t capacity : context.capacities({1, 2, 3, 7})) {
    Solo solo(context, capacity);
    for (std::uint64_t i = 0; i < 10'000 || (i < 100'000 && context.time_left()); ++i) {
      if (solo.try_send(i) != SendStatus::ok || solo.try_recv() != static_cast<std::int64_t>(i)) {
        return context.fail("lost step at message " + std::to_string(i) + of_capacity(capacity));
      }
    }
  }
}

/// Fills it, and sends on: each message pushes out the oldest, and the newest ones are left.
void evicts_in_order(Context& context) {
  for (const std::size_t capacity : context.capacities({1, 2, 3, 5, 8, 64, 100})) {
    Solo solo(context, capacity);
    std::uint64_t oldest = 0;
    for (std::uint64_t next = 0; next < 4 * capacity + 3; ++next) {
      Token message = token(next);
      const bool full = next >= capacity;
      const SendStatus status = solo.sender->try_send(message);
      ++context.met.operations;
      if (status != (full ? SendStatus::evicted : SendStatus::ok)) {
        return context.fail(std::string(full ? "full, and nothing was evicted"
                                             : "room, and a send did more than take its message") +
                            of_capacity(capacity));
      }
      if (!full) continue;
      ++context.met.full;
      if (message.words[0] != word(oldest++)) {
        return context.fail("evicted another message than the oldest" + of_capacity(capacity));
      }
    }
    for (std::size_t left = capacity; left > 0; --left) {
      if (solo.try_recv() != static_cast<std::int64_t>(oldest++)) {
        return context.fail("what was not evicted is not there in order" + of_capacity(capacity));
      }
    }
    if (solo.try_recv() != -1) return context.fail("more is left than fits");
  }
}

void failed_send_keeps_message(Context& context) {
  const std::size_t capacity = context.capacity_from(1);
  Solo solo(context, capacity);
  std::uint64_t held = 0;
  while (solo.try_send(held) == SendStatus::ok) {
    if (++held > 4 * capacity + 100'000) return context.fail("never full");
  }
  Token message = token(77);
  solo.sender->try_send(message);
  if (message.words[0] != word(77)) context.fail("a send that answered full changed the message");
}

void failed_recv_keeps_destination(Context& context) {
  Solo solo(context, context.capacity_from(2));
  Token destination = token(55);
  if (solo.receiver->try_recv(destination) == RecvStatus::empty) ++context.met.empty;
  if (destination.words[0] != word(55)) {
    context.fail("a receive that answered empty changed the destination");
  }
}

void size_counts(Context& context) {
  for (const std::size_t capacity : context.capacities({1, 3, 64, 100})) {
    Solo solo(context, capacity);
    const std::size_t rounds = std::min<std::size_t>(capacity, 100);
    for (std::size_t n = 0; n <= rounds; ++n) {
      if (solo.channel->size_hint() != n) {
        return context.fail("size " + std::to_string(solo.channel->size_hint()) + " with " +
                            std::to_string(n) + " inside" + of_capacity(capacity));
      }
      if (n < rounds) solo.try_send(n);
    }
    for (std::size_t n = rounds; n > 0; --n) {
      solo.try_recv();
      if (solo.channel->size_hint() != n - 1) {
        return context.fail("size " + std::to_string(solo.channel->size_hint()) + " with " +
                            std::to_string(n - 1) + " inside" + of_capacity(capacity));
      }
    }
  }
}

void batches_wrap(Context& context) {
  for (const std::size_t capacity : context.capacities({3, 5, 64, 100})) {
    Solo solo(context, capacity);
    std::array<Token, 3> batch;
    std::uint64_t sent = 0;
    std::uint64_t received = 0;
    for (int lap = 0; lap < 200; ++lap) {
      for (Token& message : batch) message = token(sent++);
      if (const SentBatch done = solo.sender->send_n(batch); done.count != batch.size()) {
        return context.fail("a batch that fits was cut short" + of_capacity(capacity));
      }
      for (std::size_t left = batch.size(); left > 0;) {
        std::array<Token, 2> out;
        const ReceivedBatch got = solo.receiver->recv_n(out);
        if (got.status != RecvStatus::ok || got.count == 0 || got.count > left) {
          return context.fail("a batch receive with messages inside answered a wrong count" +
                              of_capacity(capacity));
        }
        for (std::size_t i = 0; i < got.count; ++i) {
          if (out[i].words[0] != word(received++)) {
            return context.fail("a batch came out of order" + of_capacity(capacity));
          }
        }
        left -= got.count;
      }
      context.met.operations += 2 * batch.size();
    }
  }
}

void refuses_zero(Context& context) {
  try {
    static_cast<void>(context.make(0));
  } catch (const std::exception&) {
    return;
  }
  context.fail("a channel of capacity 0 was made");
}

void drains_then_closed(Context& context) {
  const std::size_t capacity = context.capacity_from(4);
  Solo solo(context, capacity);
  const auto count = static_cast<std::int64_t>(std::min<std::size_t>(capacity, 3));
  for (std::int64_t i = 0; i < count; ++i) solo.try_send(static_cast<std::uint64_t>(i));
  solo.channel->close();
  solo.channel->close();  // twice is legal
  if (solo.try_send(9) != SendStatus::closed)
    return context.fail("a send after close() was not refused");
  for (std::int64_t i = 0; i < count; ++i) {
    if (solo.try_recv() != i)
      return context.fail("what was accepted before close() did not come out");
  }
  if (solo.try_recv() != -1 || solo.last != RecvStatus::closed) {
    context.fail("drained and closed, yet the receive did not answer closed");
  }
}

void closed_send_keeps_message(Context& context) {
  Solo solo(context, context.capacity_from(2));
  solo.channel->close();
  Token message = token(33);
  const SendStatus status = solo.sender->send(message);
  if (status == SendStatus::closed) ++context.met.closed;
  if (status != SendStatus::closed || message.words[0] != word(33)) {
    context.fail("a blocking send after close() did not leave the message with the caller");
  }
}

void expired_deadline_takes(Context& context) {
  Solo solo(context, context.capacity_from(2));
  const Deadline past = std::chrono::steady_clock::now() - std::chrono::seconds(1);
  for (std::uint64_t i = 0; i < 100; ++i) {
    Token message = token(i);
    if (solo.sender->send_until(message, past) != SendStatus::ok) {
      return context.fail("room, and a deadline in the past: the send did not take it");
    }
    Token out{};
    if (solo.receiver->recv_until(out, past) != RecvStatus::ok || out.words[0] != word(i)) {
      return context.fail("a message, and a deadline in the past: the receive did not take it");
    }
    if (solo.receiver->recv_until(out, past) == RecvStatus::timed_out) ++context.met.timed_out;
    context.met.operations += 3;
  }
}

void never_early(Context& context) {
  Solo solo(context, context.capacity_from(1));
  do {
    // Short ones mostly: what ends early does so while it still spins.
    const std::uint64_t most = context.random()() % 4 == 0 ? 3000 : 100;
    const auto wait = std::chrono::microseconds(context.random()() % most);
    const Deadline deadline = std::chrono::steady_clock::now() + wait;
    Token out{};
    const RecvStatus status = solo.receiver->recv_until(out, deadline);
    const auto now = std::chrono::steady_clock::now();
    if (status != RecvStatus::timed_out) return context.fail("an empty channel, and no time-out");
    ++context.met.timed_out;
    ++context.met.operations;
    if (now < deadline) return context.fail("a receive timed out before its deadline");
  } while (context.time_left() && context.met.operations < 200);
}

}  // namespace

std::vector<Case> one_thread_cases() {
  return {
      {"fills_and_drains",
       "it holds exactly its capacity, refuses the next message, gives all back in order; three "
       "laps",
       {.full = true, .empty = true},
       need::all<need::exact_bound, need::refuses>,
       fills_and_drains},
      {"evicts_in_order",
       "when it is full each send pushes out the oldest message, and the newest are left in order",
       {.full = true},
       need::all<need::exact_bound, need::evicts>,
       evicts_in_order},
      {"wraps_many_times",
       "small capacities, thousands of laps, every message comes back",
       {},
       need::all<need::tries, need::stores>,
       wraps_many_times},
      {"failed_send_keeps_message",
       "a send that answers full leaves the message with the caller",
       {.full = true},
       need::all<need::tries, need::bounded, need::refuses>,
       failed_send_keeps_message},
      {"failed_recv_keeps_destination",
       "a receive that answers empty leaves the destination alone",
       {.empty = true},
       need::tries,
       failed_recv_keeps_destination},
      {"size_counts",
       "with one thread the size hint is the number of messages inside",
       {},
       need::all<need::sized, need::exact_bound>,
       size_counts},
      {"batches_wrap",
       "batches go in whole, come out in order, and wrap around the end",
       {},
       need::batches,
       batches_wrap},
      {"refuses_zero",
       "a capacity of 0 is refused when the channel is made",
       {},
       need::exact_bound,
       refuses_zero},
      {"drains_then_closed",
       "after close() what was accepted comes out, then closed; closing twice is legal",
       {.closed = true},
       need::all<need::closes, need::tries, need::stores>,
       drains_then_closed},
      {"closed_send_keeps_message",
       "a send that answers closed leaves the message with the caller",
       {.closed = true},
       need::closes,
       closed_send_keeps_message},
      {"expired_deadline_takes",
       "an expired deadline still takes what is there",
       {.timed_out = true},
       need::all<need::timed, need::stores>,
       expired_deadline_takes},
      {"never_early",
       "a timed receive never times out before its deadline",
       {.timed_out = true},
       need::timed,
       never_early},
  };
}

}  // namespace weir::stress
