// Cases that are recorded episodes: what happened has an order that the contract allows.
#include "harness/stress/plans.hpp"
#include "harness/stress/requirements.hpp"

namespace weir::stress {
namespace {

namespace need = requirements;

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
void linear_timed(Context& c) {
  over_capacities<1, 3>(c, {.senders = 2,
                            .receivers = 2,
                            .messages = 100,
                            .send = kTimed,
                            .recv = kTimed,
                            .record = true});
}

}  // namespace

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

}  // namespace weir::stress
