// FIFO order: no message may be sent wholly before another and taken wholly after it. Two sorted
// sweeps find every such pair's second message in O(n log n); with `empty`, `fresh` and `repeat`
// this is all that a queue without a capacity can do wrong (Henzinger, Sezgin, Vafeiadis, CONCUR
// 2013; Bouajjani, Emmi, Enea, Hamza, ICALP 2015; the sweep as in Lee and Mathur, PLDI 2025).
#include "harness/stress/checker_case.hpp"
#include "harness/stress/checker_sort.hpp"
#include "harness/stress/checker_witness.hpp"

namespace weir::stress::checker {
namespace {

void report(Case& it, const Message& first, const Message& second) {
  const Stamp origin = origin_of(it.history);
  std::string words = it.message_name(first) + " was sent in " + when(it.at(first.send), origin) +
                      ", before " + it.message_name(second) + " in " +
                      when(it.at(second.send), origin) + ", but ";
  if (first.take == kNone) {
    words += "never taken, whereas the later one was, in " + when(it.at(second.take), origin);
  } else {
    words += "taken in " + when(it.at(first.take), origin) + ", after the later one in " +
             when(it.at(second.take), origin);
  }
  it.violation(Rule::order, std::move(words), {first.send, second.send, second.take, first.take});
}

}  // namespace

void check_order(Case& it) {
  const auto count = static_cast<Index>(it.messages.size());
  std::vector<Stamped> by_end(count);    // when a message was certainly in
  std::vector<Stamped> by_begin(count);  // when its send began
  for (Index i = 0; i < count; ++i) {
    by_end[i] = {it.insert_end(it.messages[i]), i};
    by_begin[i] = {it.insert_begin(it.messages[i]), i};
  }
  sort_by_stamp(by_end);
  sort_by_stamp(by_begin);
  Stamp latest = 0;  // of the messages sent wholly before: the latest first instant of being taken
  Index latest_of = kNone;
  auto next = by_end.begin();
  for (const Stamped& item : by_begin) {
    for (; next != by_end.end() && next->at < item.at; ++next) {
      const Stamp begin = it.take_begin(it.messages[next->index]);
      if (latest_of == kNone || begin > latest) {
        latest = begin;
        latest_of = next->index;
      }
    }
    const Message& message = it.messages[item.index];
    if (latest_of == kNone || latest <= it.take_end(message)) continue;
    if (!it.wants(Rule::order)) return;
    report(it, it.messages[latest_of], message);
  }
}

}  // namespace weir::stress::checker
