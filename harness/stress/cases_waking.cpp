// Who sleeps is woken: by close(), by messages and room that come just then, by batches.
#include <algorithm>
#include <array>
#include <atomic>
#include <chrono>

#include "channels/sync.hpp"
#include "harness/clock.hpp"
#include "harness/stress/crew.hpp"
#include "harness/stress/requirements.hpp"
#include "harness/stress/tokens.hpp"
#include "harness/system.hpp"

namespace weir::stress {
namespace {

using namespace std::chrono_literals;
namespace need = requirements;

/// Rounds whose outcome hangs on who was faster: several, and on while there is time.
bool another(const Context& context, int round) {
  return !context.failed() && (round < 8 || context.time_left());
}

/// Three threads asleep on one side, then close().
void close_wakes(Context& context, bool senders) {
  const std::size_t capacity = context.capacity_from(1);
  const bool many =
      (senders ? context.contract().producers : context.contract().consumers) == Side::many;
  for (int round = 0; another(context, round); ++round) {
    const auto channel = context.make(capacity);
    if (senders) {
      const auto sender = channel->sender();
      Token message = token(0);
      while (sender->try_send(message) == SendStatus::ok) message = token(0);
      ++context.met.full;
    }
    Crew crew(context, Pin::all);
    for (int i = 0; i < (many ? 3 : 1); ++i) {
      crew.add((senders ? "sender " : "receiver ") + std::to_string(i), [&](Member& me) {
        Token message = token(1);
        if (senders) {
          const auto sender = channel->sender();
          const SendStatus status = sender->send(message);
          me.note(status);
          me.note_waits(sender->stats(), true);
          if (status != SendStatus::closed) me.fail("full and closed, yet a send was accepted");
        } else {
          const auto receiver = channel->receiver();
          const RecvStatus status = receiver->recv(message);
          me.note(status);
          me.note_waits(receiver->stats(), false);
          if (status != RecvStatus::closed) me.fail("empty and closed, yet a message came");
        }
      });
    }
    const auto pause = std::chrono::microseconds(context.random()() % 1500);
    crew.run([&] {
      sys::sleep_for(pause);
      channel->close();
    });
  }
}
void close_wakes_receivers(Context& context) { close_wakes(context, false); }
void close_wakes_senders(Context& context) { close_wakes(context, true); }

/// As many receivers as may be, at most `most`; and at most as many as there are places, where a
/// send does not wait for one.
std::size_t receivers_for(const Context& context, std::size_t most, std::size_t capacity) {
  if (context.contract().consumers == Side::one) return 1;
  return need::waits(context.channel()).empty() ? most : std::min(most, capacity);
}

/// Receivers that want one message each fall asleep; then there is a message for each, and no more.
void wakes_enough(Context& context, bool as_batch) {
  const std::size_t capacity = context.capacity_from(4);
  const std::size_t receivers = receivers_for(context, 4, capacity);
  for (int round = 0; another(context, round); ++round) {
    const auto channel = context.make(capacity);
    Crew crew(context, Pin::all);
    for (std::size_t i = 0; i < receivers; ++i) {
      crew.add("receiver " + std::to_string(i), [&](Member& me) {
        const auto receiver = channel->receiver();
        Token message;
        me.note(receiver->recv(message));
        me.note_waits(receiver->stats(), false);
      });
    }
    const auto pause = std::chrono::microseconds(context.random()() % 1500);
    crew.run([&] {
      sys::sleep_for(pause);
      const auto sender = channel->sender();
      std::array<Token, 4> messages;
      for (std::size_t i = 0; i < receivers; ++i) messages[i] = token(i);
      if (as_batch) {
        sender->send_n(std::span(messages).first(receivers));
      } else {
        for (std::size_t i = 0; i < receivers; ++i) sender->send(messages[i]);
      }
    });
  }
}
void sends_wake_enough(Context& context) { wakes_enough(context, false); }
void batch_wakes_enough(Context& context) { wakes_enough(context, true); }

/// Busy for up to 2, 20 or 200 us: about as long as threads take to fall asleep.
void linger(Random& random) {
  static constexpr std::array<std::uint64_t, 3> kMost{2'000, 20'000, 200'000};
  const std::uint64_t draw = random();
  const auto wait = static_cast<std::int64_t>(draw / 3 % kMost[draw % 3]);
  const std::int64_t until = MonotonicClock::now_ns() + wait;
  while (MonotonicClock::now_ns() < until) StdSync::pause();
}

/// Memory that is not in the cache. Stores into it hold up those that follow, for a microsecond:
/// what a thread publishes then is seen much later than what it reads next.
class ColdStores {
 public:
  void make(Random& random) {
    for (int i = 0; i < 16; ++i) words_[random() % words_.size()] = 1;
  }

 private:
  std::vector<std::uint64_t> words_ = std::vector<std::uint64_t>(std::size_t{1} << 22);
};

constexpr std::uint64_t kExchanges = 500;

/// Two threads answer each other with one to three messages: the last one is the only one under
/// way, so that no later one makes up for a wake-up that was lost. Those before it leave the wait
/// point in the sender's cache, so that it is read before the message has left the core.
void wakes_who_falls_asleep(Context& context) {
  const std::size_t capacity = context.capacity_from(4);
  do {
    const auto there = context.make(capacity);
    const auto back = context.make(capacity);
    Crew crew(context, Pin::all);
    const auto add = [&](std::string name, AnyChannel& out, AnyChannel& in, bool begins) {
      crew.add(std::move(name), [&, begins](Member& me) {
        const auto sender = out.sender();
        const auto receiver = in.receiver();
        ColdStores cold;
        for (std::uint64_t i = 0; i < 2 * kExchanges; ++i) {
          if ((i % 2 == 0) == begins) {
            for (std::uint64_t more = me.random() % 3 + 1; more > 0; --more) {
              linger(me.random);
              Token message = token(more - 1);
              cold.make(me.random);
              me.note(sender->send(message));
            }
          } else {
            Token message;
            do {
              me.note(receiver->recv(message));
            } while (number(message) > 0);
          }
          me.progress(me.met.operations);
        }
        me.note_waits(receiver->stats(), false);
      });
    };
    add("first", *there, *back, true);
    add("second", *back, *there, false);
    crew.run();
  } while (context.time_left());
}

/// The same for a sender: the channel is full, and one place becomes free.
void room_wakes_who_falls_asleep(Context& context) {
  const std::size_t capacity = context.capacity_from(1);
  do {
    const auto channel = context.make(capacity);
    std::atomic<std::uint64_t> sent{0};
    Crew crew(context, Pin::all);
    crew.add("sender", [&](Member& me) {
      const auto sender = channel->sender();
      for (std::uint64_t i = 0; i < capacity + kExchanges; ++i) {
        Token message = token(i);
        me.note(sender->send(message));
        me.progress(me.met.operations);
        sent.store(i + 1, std::memory_order_relaxed);  // the receiver waits for nothing else
      }
      me.note_waits(sender->stats(), true);
    });
    crew.add("receiver", [&](Member& me) {
      const auto receiver = channel->receiver();
      const auto wait_for = [&](std::uint64_t count) {
        while (sent.load(std::memory_order_relaxed) < count) StdSync::yield();
      };
      for (std::uint64_t i = 0; i < capacity + kExchanges; ++i) {
        wait_for(std::min(capacity + i, capacity + kExchanges));
        if (i < kExchanges) linger(me.random);
        Token message;
        me.note(receiver->recv(message));
        me.progress(me.met.operations);
      }
    });
    crew.run();
  } while (context.time_left());
}

/// In each round as many messages as receivers, who come for one each at the same time: who reads
/// that there is one, loses it to another and goes to sleep must be told of the next.
void one_for_each(Context& context) {
  constexpr std::uint64_t kRounds = 300;
  const std::size_t capacity = context.capacity_from(4);
  const std::uint64_t receivers = receivers_for(context, 3, capacity);
  do {
    const auto channel = context.make(capacity);
    std::atomic<std::uint64_t> round{0};
    std::atomic<std::uint64_t> taken{0};
    const auto wait_for = [](const std::atomic<std::uint64_t>& value, std::uint64_t least) {
      while (value.load(std::memory_order_relaxed) < least) StdSync::yield();  // a meeting point
    };
    Crew crew(context, Pin::all);
    for (std::uint64_t i = 0; i < receivers; ++i) {
      crew.add("receiver " + std::to_string(i), [&](Member& me) {
        const auto receiver = channel->receiver();
        for (std::uint64_t r = 0; r < kRounds; ++r) {
          wait_for(round, r + 1);
          Token message;
          me.note(receiver->recv(message));
          me.progress(me.met.operations);
          taken.fetch_add(1, std::memory_order_relaxed);  // as above
        }
        me.note_waits(receiver->stats(), false);
      });
    }
    crew.add("sender", [&](Member& me) {
      const auto sender = channel->sender();
      for (std::uint64_t r = 0; r < kRounds; ++r) {
        round.store(r + 1, std::memory_order_relaxed);  // as above
        for (std::uint64_t i = 0; i < receivers; ++i) {
          if (me.random() % 2 == 0) linger(me.random);
          Token message = token(i);
          me.note(sender->send(message));
        }
        me.progress(me.met.operations);
        wait_for(taken, (r + 1) * receivers);
      }
    });
    crew.run();
  } while (context.time_left());
}

/// A deadline at the end of time is no deadline: the wait ends when there is something.
void maximal_deadline(Context& context) {
  const std::size_t capacity = context.capacity_from(1);
  for (int round = 0; another(context, round); ++round) {
    const auto channel = context.make(capacity);
    Crew crew(context, Pin::all);
    crew.add("sender", [&](Member& me) {
      const auto sender = channel->sender();
      for (std::size_t i = 0; i < capacity + 4; ++i) {
        if (i == 0) sys::sleep_for(1ms);  // the receiver waits first, then the sender
        Token message = token(i);
        const SendStatus status = sender->send_until(message, Deadline::max());
        me.note(status);
        if (status != SendStatus::ok) return me.fail("a send without a deadline gave up");
      }
      me.note_waits(sender->stats(), true);
    });
    crew.add("receiver", [&](Member& me) {
      const auto receiver = channel->receiver();
      for (std::size_t i = 0; i < capacity + 4; ++i) {
        if (i == 1) sys::sleep_for(2ms);
        Token message;
        const RecvStatus status = receiver->recv_until(message, Deadline::max());
        me.note(status);
        if (status != RecvStatus::ok) return me.fail("a receive without a deadline gave up");
      }
      me.note_waits(receiver->stats(), false);
    });
    crew.run();
  }
}

}  // namespace

std::vector<Case> waking_cases() {
  return {
      {"close_wakes_receivers",
       "close() ends the wait of every receiver",
       {.blocked = true, .closed = true},
       need::closes,
       close_wakes_receivers},
      {"close_wakes_senders",
       "close() ends the wait of every sender",
       {.full = true, .blocked = true, .closed = true},
       need::all<need::closes, need::tries, need::bounded, need::waits>,
       close_wakes_senders},
      {"wakes_who_falls_asleep",
       "a message that comes while its receiver falls asleep wakes it",
       {.blocked = true},
       need::none,
       wakes_who_falls_asleep},
      {"room_wakes_who_falls_asleep",
       "a place that becomes free while a sender falls asleep wakes it",
       {.blocked = true},
       need::all<need::exact_bound, need::waits>,
       room_wakes_who_falls_asleep},
      {"sends_wake_enough",
       "four receivers sleep, four messages are sent at once: all four wake",
       {.blocked = true},
       need::none,
       sends_wake_enough},
      {"one_for_each",
       "receivers that come for one message each, while as many are sent, all get theirs",
       {.blocked = true},
       need::none,
       one_for_each},
      {"batch_wakes_enough",
       "a batch wakes as many receivers as it has messages for",
       {.blocked = true},
       need::batches,
       batch_wakes_enough},
      {"maximal_deadline",
       "a deadline at the end of time waits for ever, and no longer",
       {.blocked = true},
       need::all<need::timed, need::waits>,
       maximal_deadline},
  };
}

}  // namespace weir::stress
