// How many messages were certainly inside. A message is, between the end of its send and the begin
// of its taking. Where that count is above zero throughout an interval, `empty` cannot be the
// answer of it (complete for a queue without a capacity: the pattern VWit of Henzinger, Sezgin,
// Vafeiadis, CONCUR 2013); where it is above the capacity, the bound was exceeded (sound only).
#include <algorithm>

#include "harness/stress/checker_case.hpp"
#include "harness/stress/checker_sort.hpp"
#include "harness/stress/checker_witness.hpp"

namespace weir::stress::checker {
namespace {

constexpr std::size_t kNamed = 6;  // a witness shows at most that many messages

struct Span {
  Stamp begin;
  Stamp end;
};

class Presence {
 public:
  explicit Presence(Case& it) : it_(&it), origin_(origin_of(it.history)) {
    for (Index i = 0; i < it.messages.size(); ++i) {
      const Message& message = it.messages[i];
      const Stamp in = it.insert_end(message);
      const Stamp out = it.take_begin(message);
      if (in >= out) continue;
      came_.push_back({in, i});
      went_.push_back({out, i});
    }
    sort_by_stamp(came_);
    sort_by_stamp(went_);
  }

  /// Sweeps over time; at equal stamps those that go are first, since both may be that instant.
  void run(std::size_t most) {
    std::size_t inside = 0;
    auto gone = went_.begin();
    Stamp none_since = 0;
    for (const Stamped& item : came_) {
      for (; gone != went_.end() && gone->at <= item.at; ++gone) {
        if (--inside == 0) none_since = gone->at;
      }
      if (inside == 0) nothing_.push_back({none_since, item.at});
      if (++inside == most + 1 && it_->wants(Rule::bound)) too_many(item.at, most);
    }
    const Stamp last = went_.empty() ? 0 : went_.back().at;
    if (last != kNever) nothing_.push_back({last, kNever});
  }

  void judge_empty() {
    std::vector<Stamped> answers;
    const auto count = static_cast<Index>(it_->history.operations().size());
    for (Index i = 0; i < count; ++i) {
      if (it_->act(it_->at(i)) == Act::see_empty) answers.push_back({it_->at(i).invoked, i});
    }
    sort_by_stamp(answers);
    auto span = nothing_.begin();
    for (const Stamped& item : answers) {
      while (span != nothing_.end() && span->end < item.at) ++span;
      if (span != nothing_.end() && span->begin <= it_->at(item.index).responded) continue;
      if (!it_->wants(Rule::empty)) return;
      not_empty(item.index);
    }
  }

 private:
  /// The fewest messages whose presence covers the interval: always the one that stays longest.
  std::vector<const Message*> cover(const Operation& answer) const {
    std::vector<const Message*> chain;
    Stamp covered = answer.invoked;
    do {
      const Message* best = nullptr;
      for (const Message& message : it_->messages) {
        if (it_->insert_end(message) >= covered || it_->take_begin(message) <= covered) continue;
        if (best == nullptr || it_->take_begin(message) > it_->take_begin(*best)) best = &message;
      }
      if (best == nullptr) break;
      chain.push_back(best);
      covered = it_->take_begin(*best);
    } while (covered <= answer.responded);
    return chain;
  }

  void not_empty(Index index) {
    const Operation& operation = it_->at(index);
    const std::vector<const Message*> chain = cover(operation);
    std::string words = who(operation) + " got " + std::string(answer(operation)) + " in " +
                        when(operation, origin_) + ", although ";
    std::vector<Index> witness{index};
    for (std::size_t i = 0; i < chain.size(); ++i) {
      if (i > 0) words += i + 1 == chain.size() ? ", and then " : ", then ";
      words += it_->message_name(*chain[i]);
      witness.insert(witness.end(), {chain[i]->send, chain[i]->take});
    }
    it_->violation(Rule::empty, words + " was in the channel throughout", witness);
  }

  void too_many(Stamp at, std::size_t most) {
    std::vector<Index> witness;
    std::string names;
    std::size_t named = 0;
    for (const Message& message : it_->messages) {
      if (it_->insert_end(message) > at || it_->take_begin(message) <= at) continue;
      if (++named > kNamed) continue;
      names += (named > 1 ? ", " : "") + it_->message_name(message);
      witness.insert(witness.end(), {message.send, message.take});
    }
    if (named > kNamed) names += ", ...";
    const std::string when = std::to_string(at - origin_);
    if (it_->contract.bound == Bound::rendezvous) {
      it_->violation(Rule::bound,
                     "a rendezvous was over at " + when + " before its receive: " + names, witness);
      return;
    }
    it_->violation(Rule::bound,
                   "right after " + when + " there were " + std::to_string(named) +
                       " messages in a channel of capacity " + std::to_string(most) + ": " + names,
                   witness);
  }

  Case* it_;
  Stamp origin_;
  std::vector<Stamped> came_;
  std::vector<Stamped> went_;
  std::vector<Span> nothing_;  // when possibly nothing was inside, ends included
};

}  // namespace

void check_presence(Case& it) {
  Presence presence(it);
  const Bound bound = it.contract.bound;
  std::size_t most = kNoLimit - 1;
  if (bound == Bound::exact) most = it.capacity;
  if (bound == Bound::rendezvous) most = 0;
  presence.run(most);
  presence.judge_empty();
}

}  // namespace weir::stress::checker
