// Cases that are episodes: everything is accounted for, under every policy and every load.
#include "harness/stress/plans.hpp"
#include "harness/stress/requirements.hpp"

namespace weir::stress {
namespace {

namespace need = requirements;

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
       need::all<need::stores, need::no_delays>,
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
