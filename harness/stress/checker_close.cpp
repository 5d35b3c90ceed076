// close() takes effect at one instant: every accepted send was invoked before it, every `closed`
// returned after it, and a receiver's `closed` says that all that was accepted has been taken. Once
// close() has returned, senders and receivers are told `closed`, no longer `full` or `empty`.
#include <algorithm>

#include "harness/stress/checker_case.hpp"
#include "harness/stress/checker_witness.hpp"

namespace weir::stress::checker {
namespace {

class Closing {
 public:
  explicit Closing(Case& it) : it_(&it), origin_(origin_of(it.history)) {}

  void run() {
    look();
    if (first_begun_ == kNone && first_told_ == kNone) return;
    const auto count = static_cast<Index>(it_->history.operations().size());
    for (Index i = 0; i < count; ++i) judge_answer(i);
    for (const Message& message : it_->messages) judge_message(message);
    if (!broken_) set_window();
  }

 private:
  [[nodiscard]] Stamp begun(Index index) const { return it_->at(index).invoked; }
  [[nodiscard]] Stamp ended(Index index) const { return it_->at(index).responded; }
  [[nodiscard]] bool told_closed(Index index) const {
    const Act act = it_->act(it_->at(index));
    return act == Act::send_closed || act == Act::recv_closed;
  }

  void look() {
    const auto count = static_cast<Index>(it_->history.operations().size());
    for (Index i = 0; i < count; ++i) {
      if (it_->at(i).kind == Kind::close) {
        if (first_begun_ == kNone || begun(i) < begun(first_begun_)) first_begun_ = i;
        if (first_ended_ == kNone || ended(i) < ended(first_ended_)) first_ended_ = i;
      } else if (told_closed(i)) {
        if (first_told_ == kNone || ended(i) < ended(first_told_)) first_told_ = i;
      }
    }
    for (const Message& message : it_->messages) {
      if (!it_->certain(message)) continue;
      if (last_sent_ == kNone || begun(message.send) > begun(last_sent_)) last_sent_ = message.send;
      if (last_taken_ == nullptr || it_->take_begin(message) > it_->take_begin(*last_taken_)) {
        last_taken_ = &message;
      }
    }
  }

  void judge_answer(Index i) {
    const Operation& operation = it_->at(i);
    const Act act = it_->act(operation);
    const auto got = [&] {
      return who(operation) + " got " + std::string(answer(operation)) + " in " +
             when(operation, origin_);
    };
    if (told_closed(i) && first_begun_ == kNone) {
      report(got() + ", although nobody had closed the channel", {i});
    } else if (told_closed(i) && ended(i) < begun(first_begun_)) {
      report(got() + ", before anyone closed the channel", {i, first_begun_});
    } else if (act == Act::recv_closed && it_->contract.empty == Answer::exact &&
               last_taken_ != nullptr && ended(i) < it_->take_begin(*last_taken_)) {
      report(got() + ", before " + it_->message_name(*last_taken_) + " was taken",
             {i, last_taken_->send, last_taken_->take});
    } else if ((act == Act::see_full || act == Act::see_empty) && after_close(i)) {
      report(got() + ", after close() had returned", {first_ended_, i});
    }
  }

  void judge_message(const Message& message) {
    if (!it_->certain(message)) return;
    const auto accepted = [&] {
      return it_->message_name(message) + " was accepted by a send in " +
             when(it_->at(message.send), origin_);
    };
    if (after_close(message.send)) {
      report(accepted() + ", after close() had returned",
             {first_ended_, message.send, message.take});
    } else if (first_told_ != kNone && begun(message.send) > ended(first_told_)) {
      report(accepted() + ", after " + who(it_->at(first_told_)) + " had got closed",
             {first_told_, message.send, message.take});
    }
  }

  [[nodiscard]] bool after_close(Index i) const {
    return first_ended_ != kNone && begun(i) > ended(first_ended_);
  }

  void report(std::string words, const std::vector<Index>& witness) {
    broken_ = true;
    if (it_->wants(Rule::close)) it_->violation(Rule::close, std::move(words), witness);
  }

  void set_window() {
    it_->close.earliest = begun(first_begun_);
    if (last_sent_ != kNone) {
      it_->close.earliest = std::max(it_->close.earliest, begun(last_sent_));
    }
    it_->close.latest = ended(first_ended_);
    if (first_told_ != kNone) it_->close.latest = std::min(it_->close.latest, ended(first_told_));
  }

  Case* it_;
  Stamp origin_;
  Index first_begun_ = kNone;  // close() calls
  Index first_ended_ = kNone;
  Index first_told_ = kNone;  // the first `closed` to return
  Index last_sent_ = kNone;
  const Message* last_taken_ = nullptr;
  bool broken_ = false;
};

}  // namespace

void check_close(Case& it) { Closing(it).run(); }

}  // namespace weir::stress::checker
