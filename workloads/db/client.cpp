#include "workloads/db/client.hpp"

#include <algorithm>

#include "harness/clock.hpp"

namespace weir::db {

SendStatus Client::submit(std::int64_t start_ns) {
  if (lane_ != nullptr) {
    settle_what_is_answered();
    if (sent_ - settled_ == lane_->window()) settle_oldest();
    Slot& slot = lane_->of(sent_);
    slot.reply.emplace();
    slot.start_ns = start_ns;
  }
  Token message = MessageTraits<Token>::make(next_word());
  const SendStatus status = sender_.send(message);
  if (accepted(status)) ++sent_;
  return status;
}

void Client::settle_all() {
  while (lane_ != nullptr && settled_ < sent_) settle_oldest();
}

void Client::settle_what_is_answered() {
  while (settled_ < sent_) {
    Slot& slot = lane_->of(settled_);
    Outcome outcome = Outcome::closed;
    if (slot.reply->try_recv(outcome) == RecvStatus::empty) return;
    note(slot, outcome, slot.replied_ns);
  }
}

void Client::settle_oldest() {
  Slot& slot = lane_->of(settled_);
  const std::int64_t asked_ns = MonotonicClock::now_ns();
  Outcome outcome = Outcome::closed;
  static_cast<void>(slot.reply->recv(outcome));  // the owner answers each, and closes none
  // An answer that was there before it was looked for came when it was given; for any other, what
  // it took to wake the task belongs to it.
  const std::int64_t done_ns =
      slot.replied_ns < asked_ns ? slot.replied_ns : MonotonicClock::now_ns();
  note(slot, outcome, done_ns);
}

void Client::note(const Slot& slot, Outcome outcome, std::int64_t done_ns) {
  on_settled_({MessageId{task_, settled_}.word(), outcome, slot.start_ns, done_ns, &slot.row});
  ++settled_;
}

}  // namespace weir::db
