#include "workloads/db/owner.hpp"

#include <utility>

namespace weir::db {
namespace {

constexpr Deadline kExpired{};

}  // namespace

Owner::Owner(AnyChannel& channel, const Operations& operations, Connection& connection,
             const Requests& requests, Desk& desk, GroupRule rule, OwnerWatcher& watcher)
    : channel_(channel),
      operations_(operations),
      connection_(connection),
      requests_(requests),
      desk_(desk),
      rule_(rule),
      watcher_(watcher),
      value_(rule.value_bytes) {
  group_.reserve(rule.most);
}

std::string_view Owner::why_no_groups(const Operations& operations, const GroupRule& rule) {
  if (rule.most > 1 && !operations.tries && !operations.timed)
    return "its receive always waits: a group could not end before it is full";
  if (rule.linger.count() > 0 && !operations.timed)
    return "has no receive with a deadline: a group could not linger";
  return "";
}

void Owner::run() {
  receiver_ = channel_.receiver();
  try {
    while (serve_group()) {
    }
  } catch (...) {
    close_and_refuse();
    throw;
  }
}

bool Owner::serve_group() {
  Token message{};
  begin_group();
  // Where end marks may overtake messages, those are still in the channel.
  const bool came = ending_ ? take(message, kExpired) : receiver_->recv(message) == RecvStatus::ok;
  if (!came) return false;
  if (!note(message)) return true;
  try {
    connection_.begin();
    apply(group_.back());
    collect();
    settle();
  } catch (const DatabaseError& error) {
    fail(error);
  }
  groups_.record(static_cast<std::int64_t>(group_.size()));
  watcher_.settled(group_.size());
  return true;
}

void Owner::begin_group() noexcept {
  group_.clear();
  flush_ = false;
  answered_ = false;
}

void Owner::collect() {
  const Deadline until =
      rule_.linger.count() > 0 ? std::chrono::steady_clock::now() + rule_.linger : kExpired;
  Token message{};
  while (group_.size() < rule_.most && !flush_ && take(message, until) && note(message))
    apply(group_.back());
}

/// What is there now, or comes in time.
bool Owner::take(Token& message, Deadline until) noexcept {
  if (operations_.tries) {
    const RecvStatus status = receiver_->try_recv(message);
    if (status == RecvStatus::ok) return true;
    if (status == RecvStatus::closed || until == kExpired) return false;
  }
  // An expired deadline still takes what is there.
  return operations_.timed && receiver_->recv_until(message, until) == RecvStatus::ok;
}

/// Takes a message into the group: from now on its sender gets an answer. False for an end mark.
bool Owner::note(const Token& message) {
  if (!watcher_.came(message)) {
    ending_ = true;
    return false;
  }
  group_.push_back(MessageTraits<Token>::word(message));
  return true;
}

void Owner::apply(std::uint64_t word) {
  const Request request = requests_.of(word);
  if (request.op == Op::update) {
    fill_value(word, value_);
    connection_.apply({request.key, request.amount, word, value_});
  } else if (request.op == Op::read) {
    if (!connection_.read(request.key, desk_.of(word).row)) throw DatabaseError("a row is missing");
  } else {
    flush_ = true;
  }
  watcher_.serve();
}

void Owner::settle() {
  commit();
  answer(Outcome::committed);
}

void Owner::commit() {
  const std::int64_t start = MonotonicClock::now_ns();
  connection_.commit();
  commits_.record(MonotonicClock::now_ns() - start);
}

void Owner::answer(Outcome outcome) noexcept {
  if (!desk_.answers() || std::exchange(answered_, true)) return;
  const std::int64_t now = MonotonicClock::now_ns();
  for (const std::uint64_t word : group_) {
    Slot& slot = desk_.of(word);
    slot.replied_ns = now;
    slot.reply->send(Outcome{outcome});
  }
}

void Owner::fail(const DatabaseError& error) {
  connection_.rollback();
  if (error_.empty()) error_ = error.what();
  failed_ += group_.size();
  answer(Outcome::failed);
}

void Owner::close_and_refuse() noexcept {
  answer(Outcome::closed);  // to the group that it was about
  if (operations_.closes) channel_.close();
  Token message{};
  for (begin_group(); !ending_ && receiver_->recv(message) == RecvStatus::ok; begin_group()) {
    if (note(message)) answer(Outcome::closed);
  }
}

}  // namespace weir::db
