#include "harness/stress/checker_precedence.hpp"

#include <algorithm>
#include <utility>

#include "harness/stress/checker_witness.hpp"

namespace weir::stress::checker {
namespace {

constexpr const char* kInChain = "messages come and go in their order";
constexpr const char* kSent = "what is taken was sent";
constexpr const char* kPlace = "its place had to be freed first";
constexpr const char* kSeenFull = "it was seen full while this message was inside";
constexpr const char* kSeenEmpty = "it was seen empty until this message was sent";

/// The last answer between the messages k - 1 and k of a chain.
Demand last_answer_before(const Chain& chain, std::size_t k, const char* why) {
  if (k > chain.place.size()) return {};
  const std::size_t end = k < chain.place.size() ? chain.place[k] : chain.operations.size();
  const std::size_t begin = k == 0 ? 0 : chain.place[k - 1] + std::size_t{1};
  if (begin == end) return {};
  return {&chain, static_cast<Index>(end - 1), why};
}

}  // namespace

std::size_t Chain::messages_before(std::size_t position) const {
  const auto found = std::lower_bound(place.begin(), place.end(), static_cast<Index>(position));
  return static_cast<std::size_t>(found - place.begin());
}

Precedence::Precedence(const Case& it) : it_(&it), origin_(origin_of(it.history)) {}

Verdict Precedence::run() {
  const Shape& shape = it_->shape;
  const bool alone = shape.senders <= 1 && shape.receivers <= 1;
  if (shape.senders > 1 && shape.receivers > 1) return Verdict::not_applicable;
  if (shape.replaced > 0 || (shape.pending > 0 && !alone)) return Verdict::not_applicable;
  if (it_->contract.bound == Bound::unbounded && shape.seen_full > 0) {
    return Verdict::not_applicable;
  }
  // Each chain is a program; between programs only stamps are looked at.
  const bool by_program = alone && shape.sender != shape.receiver && shape.closes == 0;
  complete_ = shape.overlapping == 0 || (by_program && shape.told_closed == 0);
  order_messages();
  add_sends();
  add_takings();
  if (impossible_ || !run_chains() || !closed_in_time()) return Verdict::impossible;
  return complete_ ? Verdict::explained : Verdict::not_applicable;
}

/// By the sole sender's program, else by the sole receiver's.
void Precedence::order_messages() {
  if (it_->shape.senders <= 1) {
    std::copy_if(it_->messages.begin(), it_->messages.end(), std::back_inserter(ranked_),
                 [&](const Message& message) { return it_->certain(message); });
    return;
  }
  const std::size_t begin = it_->history.begin_of(it_->shape.receiver);
  const std::size_t end = it_->history.end_of(it_->shape.receiver);
  std::vector<Index> by_taking(end - begin, kNone);
  for (Index i = 0; i < it_->messages.size(); ++i) {
    const Message& message = it_->messages[i];
    if (message.take == kNone) {
      complete_ = false;  // left inside, in an order that nobody has seen
    } else {
      by_taking[message.take - begin] = i;
    }
  }
  for (const Index message : by_taking) {
    if (message != kNone) ranked_.push_back(it_->messages[message]);
  }
}

void Precedence::add_sends() {
  const auto add_message = [&](Index send) {
    sends_.place.push_back(static_cast<Index>(sends_.operations.size()));
    sends_.operations.push_back(send);
  };
  if (it_->shape.senders != 1) {
    if (it_->shape.seen_full > 0) complete_ = false;
    for (const Message& message : ranked_) add_message(message.send);
    return;
  }
  const std::size_t thread = it_->shape.sender;
  for (std::size_t i = it_->history.begin_of(thread); i < it_->history.end_of(thread); ++i) {
    const auto index = static_cast<Index>(i);
    const std::size_t sent = sends_.place.size();
    if (sent < ranked_.size() && ranked_[sent].send == index) {
      add_message(index);
    } else if (it_->act(it_->at(index)) == Act::see_full) {
      if (sent < it_->capacity) {
        contradiction(
            describe(index) + " after only " + std::to_string(sent) + " messages had been sent",
            {index});
      }
      sends_.operations.push_back(index);
    }
  }
}

void Precedence::add_takings() {
  const auto take = [&](Index index) {
    const std::size_t taken = takings_.place.size();
    const bool in_turn =
        taken < ranked_.size() && (ranked_[taken].take == index ||
                                   (it_->at(index).pending() && ranked_[taken].take == kNone));
    if (!in_turn) {
      if (it_->at(index).pending()) return;
      if (!impossible_) rule_ = Rule::order;
      const Message expected = taken < ranked_.size() ? ranked_[taken] : Message{};
      contradiction(describe(index) + " came before an earlier message",
                    {expected.send, index, expected.take});
      return;
    }
    takings_.place.push_back(static_cast<Index>(takings_.operations.size()));
    takings_.operations.push_back(index);
  };
  if (it_->shape.receivers != 1) {
    if (it_->shape.seen_empty > 0) complete_ = false;
    for (const Message& message : ranked_) {
      if (message.take != kNone) take(message.take);
    }
    return;
  }
  const std::size_t thread = it_->shape.receiver;
  for (std::size_t i = it_->history.begin_of(thread); i < it_->history.end_of(thread); ++i) {
    const auto index = static_cast<Index>(i);
    const Act act = it_->act(it_->at(index));
    if (act == Act::take) take(index);
    if (act == Act::see_empty) takings_.operations.push_back(index);
  }
}

/// What must come before a position, k messages into its chain.
Demands Precedence::demands(const Chain& chain, std::size_t position, std::size_t k) const {
  Demands demands;
  if (position > 0) demands.chain = {&chain, static_cast<Index>(position - 1), kInChain};
  if (!chain.message_at(position, k)) return demands;
  if (&chain == &takings_) {
    demands.message = {&sends_, sends_.place[k], kSent};
    demands.answer = last_answer_before(sends_, k + it_->capacity, kSeenFull);
    return demands;
  }
  demands.answer = last_answer_before(takings_, k, kSeenEmpty);
  if (it_->exactly_bounded() && k >= it_->capacity) {
    const std::size_t freed = k - it_->capacity;
    const bool taken = freed < takings_.place.size();
    demands.message = {&takings_, taken ? takings_.place[freed] : kNone, kPlace};
  }
  return demands;
}

bool Precedence::advance(Chain& chain) {
  const std::size_t position = chain.earliest.size();
  const std::size_t k = chain.messages_reached;
  const Demands first = demands(chain, position, k);
  if (!first.message.met() || !first.answer.met()) return false;
  const Operation& operation = it_->at(chain.operations[position]);
  const Stamp earliest = std::max({operation.invoked, first.chain.earliest(),
                                   first.message.earliest(), first.answer.earliest()});
  if (earliest > operation.responded) {
    explain_late(chain, position, earliest);
    return false;
  }
  chain.earliest.push_back(earliest);
  if (chain.message_at(position, k)) ++chain.messages_reached;
  return true;
}

bool Precedence::run_chains() {
  sends_.earliest.reserve(sends_.operations.size());
  takings_.earliest.reserve(takings_.operations.size());
  while (!impossible_ && !(sends_.done() && takings_.done())) {
    bool moved = false;
    while (!sends_.done() && advance(sends_)) moved = true;
    while (!impossible_ && !takings_.done() && advance(takings_)) moved = true;
    if (!moved && !impossible_) explain_stuck();
  }
  return !impossible_;
}

/// close() comes after all sends, `closed` after that, and a receiver's after all takings too.
bool Precedence::closed_in_time() {
  const Stamp all_sent = sends_.place.empty() ? 0 : sends_.earliest[sends_.place.back()];
  const Stamp all_taken = takings_.place.empty() ? 0 : takings_.earliest[takings_.place.back()];
  const Stamp closed = std::max(it_->close.earliest, all_sent);
  if (closed > it_->close.latest) {
    return contradiction("close() came before a message that was accepted could have been sent",
                         {sends_.operations[sends_.place.back()]});
  }
  if (it_->shape.told_closed == 0 || it_->contract.empty != Answer::exact) return true;
  for (Index i = 0; i < it_->history.operations().size(); ++i) {
    if (it_->act(it_->at(i)) == Act::recv_closed && it_->at(i).responded < all_taken) {
      return contradiction(describe(i) + " before the last message can have been taken",
                           {takings_.operations[takings_.place.back()], i});
    }
  }
  return true;
}

}  // namespace weir::stress::checker
