// Order within each sender, for channels that promise no more. At one receiver the log says in
// which order messages came; between receivers only intervals do: of two messages of one sender,
// the later may not be taken wholly before the earlier.
#include <algorithm>
#include <map>
#include <utility>

#include "harness/stress/checker_case.hpp"
#include "harness/stress/checker_witness.hpp"

namespace weir::stress::checker {
namespace {

void report(Case& it, const Message& earlier, const Message& later) {
  const Stamp origin = origin_of(it.history);
  std::string words = it.message_name(later) + " was taken by " + who(it.at(later.take)) + " in " +
                      when(it.at(later.take), origin) + ", before its sender's earlier message " +
                      std::to_string(MessageId::of(it.at(earlier.send).value).sequence);
  if (earlier.take == kNone) {
    words += ", which never was";
  } else {
    words += " by " + who(it.at(earlier.take)) + " in " + when(it.at(earlier.take), origin);
  }
  it.violation(Rule::per_sender, std::move(words),
               {earlier.send, later.send, later.take, earlier.take});
}

/// Calls visit(thread, operation index) for all operations, thread by thread in program order.
template <class Visit>
void each_operation(const History& history, const Visit& visit) {
  for (std::size_t thread = 0; thread < history.threads(); ++thread) {
    for (std::size_t i = history.begin_of(thread); i < history.end_of(thread); ++i) {
      visit(thread, static_cast<Index>(i));
    }
  }
}

/// Messages are in the order of the history: a sender's are neighbours, in program order.
std::vector<std::size_t> sender_of_messages(const Case& it) {
  std::vector<std::size_t> sender;
  sender.reserve(it.messages.size());
  each_operation(it.history, [&](std::size_t thread, Index i) {
    if (sender.size() < it.messages.size() && it.messages[sender.size()].send == i) {
      sender.push_back(thread);
    }
  });
  return sender;
}

void check_each_receiver(Case& it, const std::vector<std::size_t>& sender) {
  std::vector<Index> taken(it.history.operations().size(), kNone);  // message by its taking
  for (Index i = 0; i < it.messages.size(); ++i) {
    if (it.messages[i].take != kNone) taken[it.messages[i].take] = i;
  }
  std::vector<Index> last;  // the latest message of each sender at this receiver
  std::size_t receiver = it.history.threads();
  each_operation(it.history, [&](std::size_t thread, Index i) {
    if (thread != receiver) last.assign(it.history.threads(), kNone);
    receiver = thread;
    if (taken[i] == kNone) return;
    Index& before = last[sender[taken[i]]];
    if (before != kNone && taken[i] < before) {
      if (it.wants(Rule::per_sender)) report(it, it.messages[taken[i]], it.messages[before]);
    } else {
      before = taken[i];
    }
  });
}

void check_between_receivers(Case& it, const std::vector<std::size_t>& sender) {
  Index latest = kNone;  // of the sender's earlier messages, the one that was taken last
  for (Index i = 0; i < it.messages.size(); ++i) {
    const Message& message = it.messages[i];
    if (i > 0 && sender[i] != sender[i - 1]) latest = kNone;
    if (latest != kNone && it.take_end(message) < it.take_begin(it.messages[latest])) {
      if (!it.wants(Rule::per_sender)) return;
      report(it, it.messages[latest], message);
    }
    if (!it.certain(message)) continue;
    if (latest == kNone || it.take_begin(message) > it.take_begin(it.messages[latest])) latest = i;
  }
}

}  // namespace

void check_per_sender(Case& it) {
  const std::vector<std::size_t> sender = sender_of_messages(it);
  check_each_receiver(it, sender);
  if (it.options.per_sender_across_receivers) check_between_receivers(it, sender);
}

}  // namespace weir::stress::checker
