// Cases that are episodes: senders and receivers at work, everything accounted for.
#include <algorithm>

#include "harness/stress/episode.hpp"
#include "harness/stress/requirements.hpp"

namespace weir::stress {
namespace {

namespace need = requirements;

constexpr Mix kTries{.tries = 100};
constexpr Mix kTimed{.timed = 100};
constexpr Mix kMixed{.tries = 30, .timed = 30};

/// Runs the plan, with other seeds, until the time is up.
void repeat(Context& context, const Plan& plan) {
  do {
    run_episode(context, allowed(context, plan));
  } while (context.time_left());
}

/// One core, a tenth of the messages: each wait gives the core to another thread. Not for who
/// spins: its waits last as long as the kernel lets them.
Plan on_one_core(const Context& context, Plan plan) {
  if (context.contract().wait == Wait::spin) return plan;
  plan.pin = Pin::one;
  plan.messages = std::max<std::uint64_t>(plan.messages / 10, 50);
  return plan;
}

/// The same at each of several capacities, in turns: over all cores, then on one.
template <std::size_t... kCapacities>
void over_capacities(Context& context, Plan plan) {
  do {
    for (const std::size_t capacity : {kCapacities...}) {
      plan.capacity = capacity;
      run_episode(context, allowed(context, plan));
      if (context.failed()) return;
      if (plan.pin != Pin::all) continue;
      run_episode(context, allowed(context, on_one_core(context, plan)));
      if (context.failed()) return;
    }
  } while (context.time_left());
}

void exactly_once(Context& c) {
  over_capacities<1, 2, 3>(c, {.senders = 2, .receivers = 2, .messages = 2000});
}
void exactly_once_tries(Context& c) {
  over_capacities<1, 2, 3>(
      c, {.senders = 2, .receivers = 2, .messages = 2000, .send = kTries, .recv = kTries});
}
void exactly_once_large(Context& c) {
  over_capacities<100, 1024>(c, {.senders = 3, .receivers = 3, .messages = 20'000});
}
void one_to_one(Context& c) { over_capacities<1, 3, 100>(c, {.messages = 10'000}); }
void fan_in(Context& c) { over_capacities<1, 3, 100>(c, {.senders = 4, .messages = 3000}); }
void exactly_once_batches(Context& c) {
  over_capacities<1, 3, 64>(c, {.senders = 2,
                                .receivers = 2,
                                .messages = 3000,
                                .send = {.tries = 10, .batches = 70},
                                .recv = {.tries = 10, .batches = 70}});
}
/// More than a million messages through one channel, however little time there is: some faults
/// strike once in so many.
void one_in_a_million(Context& c) {
  run_episode(c, allowed(c, {.capacity = 1024, .messages = 1'200'000, .pin = Pin::free}));
}
void senders_leave(Context& c) {
  over_capacities<1, 3, 100>(
      c, {.senders = 4, .receivers = 2, .messages = 1000, .pause_one_in = 32, .leaving = true});
}
void fan_out(Context& c) { over_capacities<1, 3, 100>(c, {.receivers = 4, .messages = 6000}); }

// Recorded. Small ones decide more: the search for an explanation is short.
void linear_one_to_one(Context& c) {
  over_capacities<1, 2, 8>(c, {.messages = 3000, .send = kTries, .recv = kTries, .record = true});
}
void linear_blocking(Context& c) {
  over_capacities<1, 3, 16>(c, {.senders = 2, .receivers = 2, .messages = 300, .record = true});
}
void linear_tries(Context& c) {
  over_capacities<1, 2, 3>(c, {.senders = 2,
                               .receivers = 2,
                               .messages = 100,
                               .send = kTries,
                               .recv = kTries,
                               .record = true});
}
void linear_fan_in(Context& c) {
  over_capacities<1, 3, 16>(c, {.senders = 3, .messages = 500, .recv = kTries, .record = true});
}
void linear_paused(Context& c) {
  over_capacities<1, 3>(c, {.senders = 2,
                            .receivers = 2,
                            .messages = 100,
                            .send = kMixed,
                            .recv = kMixed,
                            .pause_one_in = 8,
                            .record = true});
}
void linear_one_core(Context& c) {
  over_capacities<1, 3>(c, {.senders = 2,
                            .receivers = 2,
                            .messages = 200,
                            .send = kMixed,
                            .recv = kMixed,
                            .pin = Pin::one,
                            .pause_one_in = 16,
                            .record = true});
}
void linear_close(Context& c) {
  over_capacities<1, 3, 16>(c, {.senders = 2,
                                .receivers = 2,
                                .messages = 300,
                                .send = kMixed,
                                .recv = kMixed,
                                .ending = Ending::racing,
                                .record = true});
}

void close_races_blocking(Context& c) {
  over_capacities<1, 3, 100>(
      c, {.senders = 3, .receivers = 3, .messages = 2000, .ending = Ending::racing});
}
void close_races_tries(Context& c) {
  over_capacities<1, 3, 100>(c, {.senders = 2,
                                 .receivers = 2,
                                 .messages = 2000,
                                 .send = kTries,
                                 .recv = kTries,
                                 .ending = Ending::racing});
}
void close_races_one_to_one(Context& c) {
  over_capacities<1, 3, 100>(c, {.messages = 2000, .ending = Ending::racing});
}
void close_races_timed(Context& c) {
  over_capacities<1, 3>(c, {.senders = 3,
                            .receivers = 3,
                            .messages = 1000,
                            .send = kTimed,
                            .recv = kTimed,
                            .ending = Ending::racing});
}

void waiters_of_both_kinds(Context& c) {
  over_capacities<1, 2, 3, 4, 5>(c, {.senders = 6, .receivers = 6, .messages = 300});
}
void hundreds_of_threads(Context& c) {
  repeat(c, {.senders = 100, .receivers = 100, .capacity = 3, .messages = 20});
}
void all_sleep_in_turn(Context& c) {
  over_capacities<1, 2>(c, {.senders = 2, .receivers = 2, .messages = 100, .pause_one_in = 2});
}

void time_outs_race_messages(Context& c) {
  over_capacities<1, 3>(
      c, {.senders = 2, .receivers = 2, .messages = 1000, .send = kTimed, .recv = kTimed});
}
void time_outs_among_waiters(Context& c) {
  over_capacities<1, 2>(c, {.senders = 4,
                            .receivers = 4,
                            .messages = 200,
                            .send = {.timed = 50},
                            .recv = {.timed = 50},
                            .pause_one_in = 4});
}
void linear_timed(Context& c) {
  over_capacities<1, 3>(c, {.senders = 2,
                            .receivers = 2,
                            .messages = 100,
                            .send = kTimed,
                            .recv = kTimed,
                            .record = true});
}

void one_core(Context& c) {
  over_capacities<1, 3, 100>(c, {.senders = 2, .receivers = 2, .messages = 500, .pin = Pin::one});
}
void crowd_on_one_core(Context& c) {
  repeat(c, {.senders = 32, .receivers = 32, .capacity = 5, .messages = 50, .pin = Pin::one});
}
void crowd(Context& c) {
  repeat(c, {.senders = 64, .receivers = 64, .capacity = 16, .messages = 50});
}
void slow_receivers(Context& c) {
  over_capacities<1, 100>(c, {.senders = 3, .messages = 500, .receiver_pause_one_in = 4});
}
void overflows(Context& c) {
  over_capacities<1, 3, 16>(
      c, {.senders = 2, .receivers = 2, .messages = 2000, .receiver_pause_one_in = 16});
}
void linear_policy(Context& c) {
  over_capacities<1, 3>(c, {.senders = 2,
                            .receivers = 2,
                            .messages = 200,
                            .recv = kTries,
                            .receiver_pause_one_in = 8,
                            .record = true});
}
void signal_storm(Context& c) {
  over_capacities<1, 3>(
      c, {.senders = 2, .receivers = 2, .messages = 2000, .pause_one_in = 64, .signals = true});
}
void signal_storm_timed(Context& c) {
  over_capacities<1, 3>(c, {.senders = 2,
                            .receivers = 2,
                            .messages = 500,
                            .send = kMixed,
                            .recv = kMixed,
                            .pause_one_in = 32,
                            .signals = true});
}

}  // namespace

std::vector<Case> delivery_cases() {
  return {
      {"exactly_once",
       "two senders and receivers, capacity 1 to 3: each message arrives once",
       {},
       need::none,
       exactly_once},
      {"exactly_once_tries",
       "the same through try-forms",
       {.empty = true},
       need::tries,
       exactly_once_tries},
      {"exactly_once_large",
       "three senders and receivers, capacity 100 and 1024",
       {},
       need::none,
       exactly_once_large},
      {"exactly_once_batches",
       "batches of one to five among single messages: each arrives once",
       {},
       need::batches,
       exactly_once_batches},
      {"one_in_a_million",
       "1.2 million messages of one sender to one receiver, none lost, none out of order",
       {},
       need::none,
       one_in_a_million},
      {"senders_leave",
       "senders that go away mid-stream, and handles made anew, lose nothing",
       {},
       need::many_senders,
       senders_leave},
      {"one_to_one",
       "one sender, one receiver: each message arrives once, in order",
       {},
       need::none,
       one_to_one},
      {"fan_in",
       "four senders, one receiver: each sender's messages in its order",
       {},
       need::many_senders,
       fan_in},
      {"fan_out", "one sender, four receivers: in order at each of them", {}, need::none, fan_out},
  };
}

std::vector<Case> history_cases() {
  return {
      {"linear_one_to_one",
       "tries of one sender and one receiver have a linear order",
       {.empty = true},
       need::tries,
       linear_one_to_one},
      {"linear_blocking",
       "blocking operations have a linear order",
       {},
       need::none,
       linear_blocking},
      {"linear_tries",
       "tries of two senders and two receivers have a linear order",
       {.empty = true},
       need::tries,
       linear_tries},
      {"linear_fan_in",
       "three senders against tries of one receiver have a linear order",
       {},
       need::all<need::tries, need::many_senders>,
       linear_fan_in},
      {"linear_paused",
       "the same with threads that pause between all forms of operations",
       {},
       need::tries,
       linear_paused},
      {"linear_one_core",
       "the same with all threads on one core",
       {},
       need::tries,
       linear_one_core},
      {"linear_close",
       "one instant of closing explains every answer",
       {.closed = true},
       need::closes,
       linear_close},
      {"linear_timed",
       "operations that time out have a linear order with the rest",
       {.timed_out = true},
       need::timed,
       linear_timed},
  };
}

std::vector<Case> close_cases() {
  return {
      {"close_races_blocking",
       "closing amid sends and receives: what was accepted is delivered",
       {.closed = true},
       need::closes,
       close_races_blocking},
      {"close_races_tries",
       "the same through try-forms",
       {.closed = true},
       need::all<need::closes, need::tries>,
       close_races_tries},
      {"close_races_one_to_one",
       "closing by a third thread, one sender and one receiver",
       {.closed = true},
       need::closes,
       close_races_one_to_one},
      {"close_races_timed",
       "the same through timed forms",
       {.closed = true},
       need::all<need::closes, need::timed>,
       close_races_timed},
  };
}

std::vector<Case> blocking_cases() {
  return {
      {"waiters_of_both_kinds",
       "six senders and six receivers wait at capacity 1 to 5, and all go on",
       {.blocked = true},
       need::none,
       waiters_of_both_kinds},
      {"hundreds_of_threads",
       "a hundred senders and a hundred receivers come to their end",
       {},
       need::none,
       hundreds_of_threads},
      {"all_sleep_in_turn",
       "threads that pause let the others fall asleep, and wake them",
       {},
       need::none,
       all_sleep_in_turn},
  };
}

std::vector<Case> time_out_cases() {
  return {
      {"time_outs_race_messages",
       "a time-out that races a message loses nothing",
       {.timed_out = true},
       need::timed,
       time_outs_race_messages},
      {"time_outs_among_waiters",
       "who times out takes no wake-up away from who still waits",
       {.timed_out = true},
       need::all<need::timed, need::waits_together>,
       time_outs_among_waiters},
  };
}

std::vector<Case> policy_cases() {
  return {
      {"fails_when_full",
       "a message that found no room stays with its sender, who offers it again",
       {.full = true},
       need::fails,
       overflows},
      {"linear_failures",
       "a send fails only when the channel is full, and the order of the rest is linear",
       {.full = true},
       need::all<need::fails, need::tries>,
       linear_policy},
      {"drops_newest",
       "each message offered was either accepted, and arrives once, or dropped",
       {.full = true},
       need::drops,
       overflows},
      {"drops_oldest",
       "each message appears exactly once: received or evicted",
       {.full = true},
       need::evicts,
       overflows},
      {"linear_drops",
       "a message is dropped only when the channel is full, and the order of the rest is linear",
       {.full = true},
       need::all<need::drops, need::tries>,
       linear_policy},
      {"linear_evictions",
       "only the oldest message is evicted, and only when the channel is full",
       {.full = true},
       need::all<need::evicts, need::tries>,
       linear_policy},
  };
}

std::vector<Case> load_cases() {
  return {
      {"one_core", "everything on one core comes to its end", {}, need::none, one_core},
      {"crowd_on_one_core",
       "sixty-four threads on one core come to their end",
       {},
       need::none,
       crowd_on_one_core},
      {"crowd", "a hundred and twenty-eight threads come to their end", {}, need::none, crowd},
      {"slow_receivers",
       "a slow receiver makes senders wait, and loses nothing",
       {},
       need::none,
       slow_receivers},
      {"signal_storm",
       "signals interrupt waits, and nothing is lost",
       {},
       need::none,
       signal_storm},
      {"signal_storm_timed",
       "the same amid tries and time-outs",
       {},
       need::none,
       signal_storm_timed},
  };
}

}  // namespace weir::stress
