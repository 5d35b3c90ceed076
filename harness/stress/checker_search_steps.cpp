#include <algorithm>
#include <cstring>

#include "harness/stress/checker_search.hpp"

namespace weir::stress::checker {
namespace {

constexpr std::size_t kDeepestTurn = 32;

}  // namespace

Index Search::next_of(std::size_t thread) const noexcept {
  const std::vector<Index>& operations = episode_->threads[thread];
  if (position_[thread] == operations.size()) return kNone;
  const Index next = operations[position_[thread]];
  return it_->at(next).invoked <= limit_ ? next : kNone;
}

bool Search::required(Index operation) const noexcept {
  return operation != kNone && !it_->at(operation).pending() &&
         it_->at(operation).responded <= limit_;
}

bool Search::puts(Index operation) const noexcept {
  const Act act = it_->act(it_->at(operation));
  return act == Act::insert || act == Act::replace;
}

/// Whether an answer that changes nothing is true now.
bool Search::holds(Act act) const noexcept {
  switch (act) {
    case Act::see_full:
      return it_->contract.bound != Bound::unbounded && inside_.size() >= it_->capacity;
    case Act::see_empty:
      return inside_.empty();
    case Act::send_closed:
    case Act::close:
      return closed_;
    case Act::recv_closed:
      return closed_ && (inside_.empty() || it_->contract.empty != Answer::exact);
    default:
      return false;
  }
}

/// Whether the thread's next operation, which changes the channel, can be the next of all.
bool Search::possible(std::size_t thread) const {
  const Index operation = next_of(thread);
  switch (it_->act(it_->at(operation))) {
    case Act::insert:
      return !closed_ && has_room() && !another_first(thread, operation);
    case Act::replace: {
      const bool full = it_->contract.full != Answer::exact || inside_.size() >= it_->capacity;
      return !closed_ && full && can_take(operation + 1) && !another_first(thread, operation);
    }
    case Act::take:
      return can_take(operation);
    case Act::close:
      return !closed_;
    default:
      return false;
  }
}

bool Search::has_room() const noexcept {
  return !it_->exactly_bounded() || inside_.size() < it_->capacity;
}

bool Search::can_take(Index operation) const {
  if (inside_.empty()) return false;
  if (it_->at(operation).pending()) {  // it never said which one it got
    return it_->messages[inside_.front().message].take == kNone;
  }
  const std::size_t depth = depth_of((*message_of_)[operation]);
  return depth == 0 || (depth != kNoLimit && can_turn(depth));
}

/// Whether another message, not yet put in, was surely taken before this one: then it is the next.
bool Search::another_first(std::size_t thread, Index operation) const {
  const Message& message = it_->messages[(*message_of_)[operation]];
  const Stamp taken = it_->take_begin(message);
  const Stamp end = std::min(it_->at(operation).responded, taken);
  for (std::size_t other = 0; other < position_.size(); ++other) {
    if (other == thread) continue;
    const std::vector<Index>& operations = episode_->threads[other];
    for (std::size_t i = position_[other]; i < operations.size(); ++i) {
      if (it_->at(operations[i]).invoked > end) break;
      if (!puts(operations[i])) continue;
      const Stamp gone = it_->take_end(it_->messages[(*message_of_)[operations[i]]]);
      if (gone < taken && gone <= limit_) return true;
    }
  }
  return false;
}

/// How many messages are before it; kNoLimit if it is not inside, or deeper than we look.
std::size_t Search::depth_of(Index message) const noexcept {
  const std::size_t end = std::min(inside_.size(), kDeepestTurn);
  for (std::size_t depth = 0; depth < end; ++depth) {
    if (inside_[depth].message == message) return depth;
  }
  return kNoLimit;
}

/// Whether the sends of the oldest messages could as well have come in the order in which the one
/// at `depth` is the first, and each of the others one later. An order is allowed if no operation
/// had ended before one that stands before it began, and each thread's stand in its order.
bool Search::can_turn(std::size_t depth) const {
  std::size_t place = 0;
  const std::size_t first = inside_.front().slot;
  Stamp begun = first == 0 ? 0 : trail_[first - 1].begun;
  const bool look_at_threads = it_->shape.overlapping > 0;  // else the intervals say it
  std::vector<Index> latest(look_at_threads ? position_.size() : 0, 0);
  for (std::size_t at = first; at <= inside_[depth].slot; ++at) {
    if (trail_[at].turned > 0) continue;
    Index operation = trail_[at].operation;
    std::size_t thread = trail_[at].thread;
    if (at == inside_[place].slot) {
      if (it_->act(it_->at(operation)) == Act::replace) return false;
      const Step& other = trail_[inside_[place == 0 ? depth : place - 1].slot];
      operation = other.operation;
      thread = other.thread;
      ++place;
    }
    begun = std::max(begun, it_->at(operation).invoked);
    if (required(operation) && it_->at(operation).responded < begun) return false;
    if (!look_at_threads) continue;
    if (operation < latest[thread]) return false;
    latest[thread] = operation;
  }
  return true;
}

void Search::turn(std::size_t depth, bool back) {
  const auto send_of = [&](std::size_t place) -> Step& { return trail_[inside_[place].slot]; };
  const auto exchange = [&](std::size_t a, std::size_t b) {
    std::swap(inside_[a].message, inside_[b].message);
    std::swap(send_of(a).operation, send_of(b).operation);
    std::swap(send_of(a).thread, send_of(b).thread);
  };
  for (std::size_t i = 0; i < depth; ++i) {
    const std::size_t place = back ? i : depth - 1 - i;
    exchange(place, place + 1);
  }
  const std::size_t first = inside_.front().slot;
  Stamp begun = first == 0 ? 0 : trail_[first - 1].begun;
  for (std::size_t at = first; at <= inside_[depth].slot; ++at) {
    if (trail_[at].turned == 0) begun = std::max(begun, it_->at(trail_[at].operation).invoked);
    trail_[at].begun = begun;
  }
}

void Search::step(std::size_t thread) {
  const Index operation = next_of(thread);
  const Act act = it_->act(it_->at(operation));
  const bool takes = act == Act::take || act == Act::replace;
  if (takes && !it_->at(operation).pending()) {
    const Index wanted = (*message_of_)[act == Act::take ? operation : operation + 1];
    if (const std::size_t depth = depth_of(wanted); depth > 0) {
      turn(depth, false);
      trail_.push_back({thread, operation, trail_.back().begun, kNone, 0, depth, closed_});
    }
  }
  const Stamp before = trail_.empty() ? 0 : trail_.back().begun;
  Step step{thread, operation, std::max(before, it_->at(operation).invoked), kNone, 0, 0, closed_};
  if (takes) {
    step.taken = inside_.front().message;
    step.taken_slot = inside_.front().slot;
    inside_.pop_front();
  }
  if (puts(operation)) inside_.push_back({(*message_of_)[operation], trail_.size()});
  if (act == Act::close) closed_ = true;
  ++position_[thread];
  trail_.push_back(step);
}

void Search::go_back(std::size_t trail) {
  while (trail_.size() > trail) {
    const Step step = trail_.back();
    trail_.pop_back();
    if (step.turned > 0) {
      turn(step.turned, true);
      continue;
    }
    if (puts(step.operation)) inside_.pop_back();
    if (step.taken != kNone) inside_.push_front({step.taken, step.taken_slot});
    closed_ = step.closed;
    --position_[step.thread];
  }
}

std::string Search::configuration() const {
  std::string bytes((position_.size() + inside_.size()) * sizeof(Index), '\0');
  char* to = bytes.data();
  const auto add = [&](Index number) {
    std::memcpy(to, &number, sizeof(number));
    to += sizeof(number);
  };
  for (const std::size_t position : position_) add(static_cast<Index>(position));
  for (const Inside& inside : inside_) add(inside.message);
  return bytes;
}

}  // namespace weir::stress::checker
