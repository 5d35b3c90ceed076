// Cases that are episodes about waiting: it ends when the channel is closed, when its time is over,
// and for each thread in its turn.
#include "harness/stress/plans.hpp"
#include "harness/stress/requirements.hpp"

namespace weir::stress {
namespace {

namespace need = requirements;

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

}  // namespace

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

}  // namespace weir::stress
