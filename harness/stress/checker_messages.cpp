// Which receive took which message: the rules fresh, repeat and loss.
#include <algorithm>
#include <stdexcept>

#include "harness/stress/checker_case.hpp"
#include "harness/stress/checker_witness.hpp"
#include "harness/stress/checker_words.hpp"

namespace weir::stress::checker {
namespace {

bool inserts(Act act) noexcept { return act == Act::insert || act == Act::replace; }

/// The last send that offered the word and was refused; kNone if nobody ever offered it.
Index refused_offer(const Case& it, std::uint64_t word) {
  Index found = kNone;
  for (Index i = 0; i < it.history.operations().size(); ++i) {
    if (it.at(i).is_send() && it.at(i).value == word) found = i;
  }
  return found;
}

class Matching {
 public:
  explicit Matching(Case& it) : it_(&it) {}

  void run() {
    const auto count = static_cast<Index>(it_->history.operations().size());
    for (Index i = 0; i < count; ++i) {
      if (inserts(it_->act(it_->at(i)))) words_.expect(it_->at(i).value);
    }
    for (Index i = 0; i < count; ++i) {
      if (inserts(it_->act(it_->at(i)))) add(i);
    }
    for (Index i = 0; i < count; ++i) {
      const Operation& operation = it_->at(i);
      if (operation.kind == Kind::evict || it_->act(operation) == Act::take) take(i);
    }
    find_losses();
    std::erase_if(it_->messages, [](const Message& message) { return message.send == kNone; });
  }

 private:
  void add(Index send) {
    const auto message = static_cast<Index>(it_->messages.size());
    if (!words_.insert(it_->at(send).value, message)) {
      throw std::invalid_argument("two accepted messages have the same word: " +
                                  message_in_words(it_->at(send).value));
    }
    it_->messages.push_back({send, kNone});
  }

  void take(Index index) {
    const Operation& operation = it_->at(index);
    if (operation.pending()) {
      ++pending_;
      it_->pending_recv = std::min(it_->pending_recv, operation.invoked);
      return;
    }
    const Index found = words_.find(operation.value);
    if (found == kNone) return never_accepted(index);
    Message& message = it_->messages[found];
    if (message.send == kNone) return;  // its first taking was reported
    if (message.take != kNone) return twice(message, index);
    if (operation.responded < it_->at(message.send).invoked) return too_early(message, index);
    message.take = index;
  }

  void never_accepted(Index index) {
    it_->matched = false;
    if (!it_->wants(Rule::fresh)) return;
    const Operation& operation = it_->at(index);
    const Index offer = refused_offer(*it_, operation.value);
    std::string words = who(operation) + " got " + message_in_words(operation.value) + " in " +
                        interval(index) + ", which nobody had sent";
    if (offer != kNone) {
      words += ": its send answered " + std::string(answer(it_->at(offer)));
    }
    it_->violation(Rule::fresh, std::move(words), {offer, index});
  }

  void too_early(Message& message, Index index) {
    it_->matched = false;
    if (it_->wants(Rule::fresh)) {
      it_->violation(Rule::fresh,
                     who(it_->at(index)) + " got " + it_->message_name(message) + " in " +
                         interval(index) + ", before it was sent in " + interval(message.send),
                     {message.send, index});
    }
    message = {};
  }

  void twice(Message& message, Index index) {
    it_->matched = false;
    const Index first = std::min(message.take, index);
    const Index second = std::max(message.take, index);
    if (it_->wants(Rule::repeat)) {
      const bool one_receiver = who(it_->at(first)) == who(it_->at(second));
      it_->violation(Rule::repeat,
                     it_->message_name(message) + " was taken twice: by " + who(it_->at(first)) +
                         " in " + interval(first) + " and by " +
                         (one_receiver ? "it again" : who(it_->at(second))) + " in " +
                         interval(second),
                     {message.send, first, second});
    }
    if (it_->at(index).responded < it_->at(message.take).responded) message.take = index;
  }

  /// Each receive that never returned may have taken one.
  void find_losses() {
    if (!it_->history.drained()) return;
    const auto lost = [&](const Message& message) {
      return message.send != kNone && message.take == kNone && !it_->at(message.send).pending();
    };
    const auto count = std::count_if(it_->messages.begin(), it_->messages.end(), lost);
    if (count <= pending_) return;
    it_->matched = false;
    for (Message& message : it_->messages) {
      if (!lost(message)) continue;
      if (it_->wants(Rule::loss)) {
        it_->violation(Rule::loss,
                       it_->message_name(message) + " was accepted in " + interval(message.send) +
                           " and never received, although all was drained (" +
                           std::to_string(count) + " lost)",
                       {message.send});
      }
      message = {};
    }
  }

  std::string interval(Index index) const { return when(it_->at(index), origin_of(it_->history)); }

  Case* it_;
  WordIndex words_;
  std::ptrdiff_t pending_ = 0;
};

}  // namespace

void match_messages(Case& it) { Matching(it).run(); }

}  // namespace weir::stress::checker
