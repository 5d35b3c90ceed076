// How many messages may have been inside: one may, from the begin of its send to the end of its
// taking. Where that count stays below the capacity throughout an interval, `full` cannot be the
// answer of it, nor may a message be evicted. Sound, not complete.
#include "harness/stress/checker_case.hpp"
#include "harness/stress/checker_sort.hpp"
#include "harness/stress/checker_witness.hpp"

namespace weir::stress::checker {
namespace {

struct Span {
  Stamp begin;
  Stamp end;
};

class Possible {
 public:
  explicit Possible(const Case& it) {
    for (const Message& message : it.messages) {
      came_.push_back({it.insert_begin(message), kNone});
      went_.push_back({it.take_end(message), kNone});
    }
    sort_by_stamp(came_);
    sort_by_stamp(went_);
  }

  /// When there may have been `count` messages, ends included.
  [[nodiscard]] std::vector<Span> at_least(std::size_t count) const {
    std::vector<Span> spans;
    if (count == 0) return {{0, kNever}};
    std::size_t inside = 0;
    auto gone = went_.begin();
    for (const Stamped& item : came_) {
      for (; gone->at < item.at; ++gone) {
        if (inside-- == count) spans.back().end = gone->at;
      }
      if (++inside == count) spans.push_back({item.at, kNever});
    }
    for (; gone != went_.end(); ++gone) {
      if (inside-- == count) spans.back().end = gone->at;
    }
    return spans;
  }

  [[nodiscard]] std::size_t most_in(Stamp begin, Stamp end) const {
    std::size_t inside = 0;
    std::size_t most = 0;
    auto gone = went_.begin();
    for (const Stamped& item : came_) {
      if (item.at > end) break;
      for (; gone->at < item.at; ++gone) {
        if (gone->at >= begin) most = std::max(most, inside);
        --inside;
      }
      ++inside;
      if (item.at >= begin) most = std::max(most, inside);
    }
    for (; gone != went_.end() && gone->at < begin; ++gone) --inside;
    return std::max(most, inside);
  }

 private:
  std::vector<Stamped> came_;
  std::vector<Stamped> went_;
};

void report(Case& it, const Possible& possible, Index index) {
  constexpr std::size_t kNamed = 6;
  const Operation& operation = it.at(index);
  const bool replaced = it.act(operation) == Act::replace;
  const std::size_t most =
      possible.most_in(operation.invoked, operation.responded) - (replaced ? 1 : 0);
  std::vector<Index> witness{index};
  std::size_t named = 0;
  for (const Message& message : it.messages) {
    if (message.send == index || it.insert_begin(message) > operation.responded ||
        it.take_end(message) < operation.invoked || ++named > kNamed) {
      continue;
    }
    witness.insert(witness.end(), {message.send, message.take});
  }
  it.violation(Rule::full,
               who(operation) + " got " + std::string(answer(operation)) + " in " +
                   when(operation, origin_of(it.history)) + ", although at most " +
                   std::to_string(most) + " of " + std::to_string(it.capacity) +
                   " places can have been taken at any instant of it",
               witness);
}

void judge(Case& it, const Possible& possible, Act which, const std::vector<Span>& spans) {
  std::vector<Stamped> answers;
  const auto count = static_cast<Index>(it.history.operations().size());
  for (Index i = 0; i < count; ++i) {
    if (it.act(it.at(i)) == which) answers.push_back({it.at(i).invoked, i});
  }
  sort_by_stamp(answers);
  auto span = spans.begin();
  for (const Stamped& item : answers) {
    while (span != spans.end() && span->end < item.at) ++span;
    if (span != spans.end() && span->begin <= it.at(item.index).responded) continue;
    if (!it.wants(Rule::full)) return;
    report(it, possible, item.index);
  }
}

}  // namespace

void check_full(Case& it) {
  const Possible possible(it);
  const bool never = it.contract.bound == Bound::unbounded;
  judge(it, possible, Act::see_full, never ? std::vector<Span>{} : possible.at_least(it.capacity));
  // A send that evicts is itself among those that may be inside.
  if (it.contract.full == Answer::exact && !never) {
    judge(it, possible, Act::replace, possible.at_least(it.capacity + 1));
  }
}

}  // namespace weir::stress::checker
