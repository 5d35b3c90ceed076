// Cases with a plan of their own: what threads may rely on besides exact delivery.
#include <atomic>

#include "channels/sync.hpp"
#include "harness/stress/crew.hpp"
#include "harness/stress/requirements.hpp"
#include "harness/stress/tokens.hpp"

namespace weir::stress {
namespace {

namespace need = requirements;

/// As many threads as places: there is always room for one more, and a message for each.
void never_fail(Context& context, bool prefilled) {
  constexpr int kRounds = 2000;
  const bool many = need::many_both(context.channel()).empty();
  do {
    for (const std::size_t threads : {1U, 2U, 3U, 8U}) {
      if (threads > 1 && !many) continue;
      if (!context.contract().why_not(threads).empty()) continue;
      const auto channel = context.make(threads);
      if (prefilled) {
        const auto sender = channel->sender();
        for (std::size_t i = 0; i < threads; ++i) {
          Token message = token(i);
          sender->try_send(message);
        }
      }
      Crew crew(context, Pin::all);
      for (std::size_t i = 0; i < threads; ++i) {
        crew.add("thread " + std::to_string(i), [&, prefilled](Member& me) {
          const auto sender = channel->sender();
          const auto receiver = channel->receiver();
          Token message = token(0);
          const auto send = [&] {
            if (sender->try_send(message) == SendStatus::ok) return true;
            me.fail("full, although there are as many places as threads");
            return false;
          };
          const auto receive = [&] {
            if (receiver->try_recv(message) == RecvStatus::ok) return true;
            me.fail("empty, although each thread has put in a message more than it took out");
            return false;
          };
          for (int round = 0; round < kRounds; ++round) {
            if (prefilled ? !receive() || !send() : !send() || !receive()) return;
            me.met.operations += 2;
            me.progress(me.met.operations);
          }
        });
      }
      crew.run();
      if (context.failed()) return;
    }
  } while (context.time_left());
}
void never_full(Context& context) { never_fail(context, false); }
void never_empty(Context& context) { never_fail(context, true); }

void sizes_in_bounds(Context& context) {
  constexpr std::uint64_t kMessages = 5000;
  do {
    for (const std::size_t capacity : context.capacities({1, 3, 64})) {
      const auto channel = context.make(capacity);
      std::atomic<bool> over{false};
      Crew crew(context, Pin::all);
      crew.add("sender", [&](Member& me) {
        const auto sender = channel->sender();
        for (std::uint64_t i = 0; i < kMessages; ++i) {
          Token message = token(i);
          sender->send(message);
          me.progress(++me.met.operations);
        }
      });
      crew.add("onlooker", [&](Member& me) {
        while (!over.load(std::memory_order_relaxed)) {  // nothing is read after it
          const std::size_t inside = channel->size_hint();
          if (inside > capacity) {
            me.fail("an onlooker saw size " + std::to_string(inside) + " at capacity " +
                    std::to_string(capacity));
          }
          StdSync::yield();
        }
      });
      crew.add("receiver", [&](Member& me) {
        const auto receiver = channel->receiver();
        for (std::uint64_t i = 0; i < kMessages;) {
          const std::size_t inside = channel->size_hint();
          Token message;
          const RecvStatus status = receiver->try_recv(message);
          me.note(status);
          me.progress(me.met.operations);
          if (status == RecvStatus::ok) ++i;
          if (status == RecvStatus::empty) StdSync::yield();
          // A failure is kept, and receiving goes on, so that the sender comes to its end.
          if (inside > capacity) {
            me.fail("size " + std::to_string(inside) + " at capacity " + std::to_string(capacity));
          } else if (inside > 0 && status != RecvStatus::ok) {
            me.fail("the only receiver saw " + std::to_string(inside) +
                    " messages inside, and got none");
          }
        }
        over.store(true, std::memory_order_relaxed);  // nothing is read after it
      });
      crew.run();
      if (context.failed()) return;
    }
  } while (context.time_left());
}

/// What was written before a send is there after its receive; before close(), after `closed`. Plain
/// memory: ThreadSanitizer has its say too.
void carries_writes(Context& context) {
  constexpr std::uint64_t kMessages = 5000;
  do {
    for (const std::size_t capacity : context.capacities({1, 3, 64})) {
      const auto channel = context.make(capacity);
      std::vector<std::uint64_t> written(kMessages + 1, 0);
      Crew crew(context, Pin::all);
      crew.add("sender", [&](Member& me) {
        const auto sender = channel->sender();
        for (std::uint64_t i = 0; i < kMessages; ++i) {
          written[i] = i + 1;
          Token message = token(i);
          sender->send(message);
          me.progress(++me.met.operations);
        }
        if (!context.operations().closes) return;
        written[kMessages] = kMessages + 1;
        channel->close();
      });
      crew.add("receiver", [&](Member& me) {
        const auto receiver = channel->receiver();
        Token message;
        // To the end of the channel, where it has one: some messages may have been dropped.
        for (std::uint64_t i = 0; context.operations().closes || i < kMessages; ++i) {
          const RecvStatus status = receiver->recv(message);
          me.note(status);
          me.progress(me.met.operations);
          if (status == RecvStatus::closed) break;
          if (const std::size_t n = number(message); n >= kMessages || written[n] != n + 1) {
            return me.fail("what the sender wrote before message " +
                           std::to_string(number(message)) + " is not there after its receive");
          }
        }
        if (!context.operations().closes) return;
        if (written[kMessages] != kMessages + 1) {
          me.fail("what was written before close() is not there after closed");
        }
      });
      crew.run();
      if (context.failed()) return;
    }
  } while (context.time_left());
}

}  // namespace

std::vector<Case> guarantee_cases() {
  return {
      {"never_full",
       "as many places as threads, each sends one and takes one: no send finds it full",
       {},
       need::exact_answers,
       never_full},
      {"never_empty",
       "as many messages as threads, each takes one and sends one: no receive finds it empty",
       {},
       need::exact_answers,
       never_empty},
      {"sizes_in_bounds",
       "the size never exceeds the capacity, and what the only receiver saw inside it gets",
       {},
       need::all<need::sized, need::exact_answers, need::waits>,
       sizes_in_bounds},
      {"carries_writes",
       "what was written before a send, or close(), is there after its receive, or closed",
       {},
       need::none,
       carries_writes},
  };
}

}  // namespace weir::stress
