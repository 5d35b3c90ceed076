#include "harness/stress/checker_search.hpp"

#include <algorithm>
#include <bit>
#include <cstring>

namespace weir::stress::checker {
namespace {

constexpr std::size_t kMostBytes = std::size_t{256} << 20;  // of hopeless configurations
constexpr std::size_t kStepsBeside = 100'000;

constexpr std::uint64_t bit_of(std::size_t thread) noexcept { return std::uint64_t{1} << thread; }
constexpr std::size_t first_of(std::uint64_t threads) noexcept {
  return static_cast<std::size_t>(std::countr_zero(threads));
}

}  // namespace

Verdict Search::run(Stamp limit) {
  if (episode_->threads.size() > kMostThreads) return Verdict::undecided;
  limit_ = limit;
  position_.assign(episode_->threads.size(), 0);
  inside_.clear();
  closed_ = episode_->closed_before;
  trail_.clear();
  frames_.clear();
  hopeless_.clear();
  hopeless_bytes_ = 0;
  std::size_t steps = it_->options.search_steps_per_operation * episode_->operations + kStepsBeside;
  enter(0);
  while (!finished()) {
    Frame& frame = frames_.back();
    if (frame.untried == 0) {
      hopeless_bytes_ += hopeless_.insert(configuration()).first->size() + 64;
      if (hopeless_bytes_ > kMostBytes) return Verdict::undecided;
      go_back(frame.trail);
      frames_.pop_back();
      if (frames_.empty()) return Verdict::impossible;
      continue;
    }
    if (steps-- == 0) return Verdict::undecided;
    const std::size_t thread = most_urgent(frame.untried);
    frame.untried &= ~bit_of(thread);
    const std::size_t trail = trail_.size();
    step(thread);
    enter(trail);
  }
  return Verdict::explained;
}

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

bool Search::finished() const noexcept {
  for (std::size_t thread = 0; thread < position_.size(); ++thread) {
    if (required(next_of(thread))) return false;
  }
  return true;
}

Search::Threads Search::first_ones() const noexcept {
  Stamp over = kNever;
  for (std::size_t thread = 0; thread < position_.size(); ++thread) {
    const Index next = next_of(thread);
    if (required(next)) over = std::min(over, it_->at(next).responded);
  }
  Threads threads = 0;
  for (std::size_t thread = 0; thread < position_.size(); ++thread) {
    const Index next = next_of(thread);
    if (next != kNone && it_->at(next).invoked <= over) threads |= bit_of(thread);
  }
  return threads;
}

std::size_t Search::most_urgent(Threads threads) const noexcept {
  std::size_t best = first_of(threads);
  for (; threads != 0; threads &= threads - 1) {
    const std::size_t thread = first_of(threads);
    if (it_->at(next_of(thread)).responded < it_->at(next_of(best)).responded) best = thread;
  }
  return best;
}

/// Settles what is true anyway, and finds the ways on from here.
void Search::enter(std::size_t trail) {
  settle();
  Threads untried = 0;
  if (hopeless_.empty() || hopeless_.count(configuration()) == 0) {
    for (Threads left = first_ones(); left != 0; left &= left - 1) {
      if (possible(first_of(left))) untried |= bit_of(first_of(left));
    }
  }
  frames_.push_back({trail, untried});
}

void Search::settle() {
  for (bool settled = true; settled;) {
    settled = false;
    for (Threads left = first_ones(); left != 0; left &= left - 1) {
      const std::size_t thread = first_of(left);
      if (!holds(it_->act(it_->at(next_of(thread))))) continue;
      step(thread);
      settled = true;
    }
  }
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

bool Search::has_room() const noexcept {
  return !it_->exactly_bounded() || inside_.size() < it_->capacity;
}

bool Search::can_take(Index operation) const noexcept {
  if (inside_.empty()) return false;
  if (!it_->at(operation).pending()) return inside_.front() == (*message_of_)[operation];
  return it_->messages[inside_.front()].take == kNone;  // it never said which one it got
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

/// Whether another message, not yet put in, was surely taken before this one: then it is the next.
bool Search::another_first(std::size_t thread, Index operation) const {
  const Message& message = it_->messages[(*message_of_)[operation]];
  const Stamp taken = it_->take_begin(message);
  const Stamp end = std::min(it_->at(operation).responded, taken);
  for (std::size_t other = 0; other < position_.size(); ++other) {
    if (other == thread) continue;
    const std::vector<Index>& operations = episode_->threads[other];
    for (std::size_t i = position_[other]; i < operations.size(); ++i) {
      const Operation& candidate = it_->at(operations[i]);
      if (candidate.invoked > end) break;
      const Act act = it_->act(candidate);
      if (act != Act::insert && act != Act::replace) continue;
      const Stamp gone = it_->take_end(it_->messages[(*message_of_)[operations[i]]]);
      if (gone < taken && gone <= limit_) return true;
    }
  }
  return false;
}

void Search::step(std::size_t thread) {
  const Index operation = next_of(thread);
  const Act act = it_->act(it_->at(operation));
  Step step{thread, kNone, act == Act::insert || act == Act::replace, closed_};
  if (act == Act::take || act == Act::replace) {
    step.taken = inside_.front();
    inside_.pop_front();
  }
  if (step.put) inside_.push_back((*message_of_)[operation]);
  if (act == Act::close) closed_ = true;
  ++position_[thread];
  trail_.push_back(step);
}

void Search::go_back(std::size_t trail) {
  for (; trail_.size() > trail; trail_.pop_back()) {
    const Step& step = trail_.back();
    if (step.put) inside_.pop_back();
    if (step.taken != kNone) inside_.push_front(step.taken);
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
  for (const Index message : inside_) add(message);
  return bytes;
}

}  // namespace weir::stress::checker
