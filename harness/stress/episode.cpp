#include "harness/stress/episode.hpp"

#include <algorithm>
#include <array>
#include <chrono>
#include <deque>
#include <string>

#include "channels/sync.hpp"
#include "harness/stress/signals.hpp"
#include "harness/system.hpp"

namespace weir::stress {
namespace {

using namespace std::chrono_literals;

enum class Form { blocking, tries, timed, batch };

constexpr std::size_t kLargestBatch = 5;

Form draw_form(Random& random, const Mix& mix, const Operations& operations) {
  const auto percent = static_cast<int>(random() % 100);
  Form form = Form::blocking;
  if (percent < mix.tries) {
    form = Form::tries;
  } else if (percent < mix.tries + mix.timed) {
    form = operations.timed ? Form::timed : Form::tries;
  } else if (percent < mix.tries + mix.timed + mix.batches) {
    // Without close() one batch could hold the end marks of two receivers.
    form = operations.batches && operations.closes ? Form::batch : Form::blocking;
  }
  return form == Form::tries && !operations.tries ? Form::blocking : form;
}

/// Only tries answer full or empty, unless no send ever waits; only timed operations time out.
bool may_answer(Form form, SendStatus status, Overflow overflow) {
  if (status == SendStatus::full) return form == Form::tries || overflow == Overflow::fail;
  return status != SendStatus::timed_out || form == Form::timed;
}
bool may_answer(Form form, RecvStatus status) {
  if (status == RecvStatus::empty) return form == Form::tries;
  return status != RecvStatus::timed_out || form == Form::timed;
}

Deadline soon(Random& random) {
  return std::chrono::steady_clock::now() + std::chrono::microseconds(random() % 60);
}

void maybe_pause(Random& random, int one_in) {
  if (one_in == 0 || random() % static_cast<std::uint64_t>(one_in) != 0) return;
  const std::uint64_t draw = random() % 1000;
  if (draw < 500) return StdSync::yield();
  sys::sleep_for(std::chrono::microseconds(draw < 995 ? 1 + draw % 50 : 1000));
}

/// One thread's part: what it sent or received, and its log.
struct Part {
  Log log{0, 0};
  std::vector<std::uint8_t> accepted{};   // senders: for each message whether the channel took it
  std::vector<std::uint64_t> evicted{};   // senders: words that the channel gave back
  std::vector<std::uint64_t> received{};  // receivers: words in order
};

class Episode {
 public:
  Episode(Context& context, const Plan& plan)
      : context_(context), plan_(plan), channel_(context.make(plan.capacity)) {}

  void run() {
    Crew crew(context_, plan_.pin);
    parts_.resize(static_cast<std::size_t>(plan_.senders + plan_.receivers) + 1);
    for (int i = 0; i < plan_.senders; ++i) add_sender(crew, i);
    for (int i = 0; i < plan_.receivers; ++i) add_receiver(crew, i);
    coordinator().log = make_log(threads());
    {
      const SignalStorm storm(plan_.signals);
      crew.run([&] { end(); });
    }
    if (context_.failed()) return;
    take_leftovers();
    account();
    if (plan_.record) judge();
  }

 private:
  [[nodiscard]] std::size_t threads() const { return parts_.size() - 1; }
  Part& coordinator() { return parts_.back(); }

  Log make_log(std::size_t thread) const {
    // Twice the messages: refused tries are recorded too, until the log is full.
    const std::uint64_t most = plan_.messages * static_cast<std::uint64_t>(plan_.senders);
    return Log(static_cast<std::uint16_t>(thread), plan_.record ? most * 4 + 64 : 0);
  }

  void add_sender(Crew& crew, int number) {
    Part& part = parts_[static_cast<std::size_t>(number)];
    part.log = make_log(static_cast<std::size_t>(number));
    crew.add("sender " + std::to_string(number), [this, &part, number](Member& me) {
      send_all(me, part, static_cast<std::uint32_t>(number));
      senders_left_.fetch_sub(1, std::memory_order_acq_rel);  // partner: the coordinator's wait
    });
    senders_left_.fetch_add(1, std::memory_order_relaxed);  // before the threads start
  }

  void send_all(Member& me, Part& part, std::uint32_t number) {
    auto sender = channel_->sender();
    part.accepted.assign(plan_.messages, 0);
    const bool leaves = plan_.leaving && number > 0;
    const std::uint64_t end = leaves ? me.random() % plan_.messages : plan_.messages;
    for (std::uint64_t i = 0; i < end;) {
      maybe_pause(me.random, plan_.pause_one_in);
      // Where order is a sender's own, another handle is another sender.
      if (plan_.leaving && context_.contract().order != Order::per_sender &&
          me.random() % 64 == 0) {
        me.note_waits(sender->stats(), true);
        sender = channel_->sender();
      }
      const Form form = draw_form(me.random, plan_.send, context_.operations());
      SentBatch sent;
      if (form == Form::batch) {
        sent = send_batch(me, part, *sender, {number, i}, end - i);
      } else {
        sent.status = send_one(me, part, *sender, {number, i}, form);
        const bool over = accepted(sent.status) || sent.status == SendStatus::dropped;
        sent.count = over ? 1 : 0;
      }
      i += sent.count;
      if (!may_answer(form, sent.status, context_.contract().overflow)) {
        me.fail("a send answered what its form never answers: a wait ended for no reason");
      }
      me.note(sent.status);
      me.progress(me.met.operations);
      if (sent.status == SendStatus::closed) break;
      if (sent.status == SendStatus::full) StdSync::yield();
    }
    me.note_waits(sender->stats(), true);
  }

  static SentBatch send_batch(Member& me, Part& part, AnySender& sender, MessageId first,
                              std::uint64_t left) {
    std::array<Token, kLargestBatch> batch;
    const auto size = std::min<std::size_t>(1 + me.random() % kLargestBatch, left);
    for (std::size_t i = 0; i < size; ++i) {
      batch[i] = MessageTraits<Token>::make(MessageId{first.sender, first.sequence + i}.word());
    }
    const SentBatch sent = sender.send_n(std::span(batch).first(size));
    for (std::size_t i = 0; i < sent.count; ++i) part.accepted[first.sequence + i] = 1;
    me.met.operations += sent.count;
    return sent;
  }

  SendStatus send_one(Member& me, Part& part, AnySender& sender, MessageId id, Form form) {
    const std::uint64_t word = id.word();
    Token message = MessageTraits<Token>::make(word);
    const bool log = plan_.record && part.log.room() > 1;
    SendStatus status{};
    switch (form) {
      case Form::blocking:
      case Form::batch:
        if (log) part.log.invoke(Kind::send, word);
        status = sender.send(message);
        break;
      case Form::tries:
        if (log) part.log.invoke(Kind::try_send, word);
        status = sender.try_send(message);
        break;
      case Form::timed: {
        const Deadline deadline = soon(me.random);
        if (log) part.log.invoke(Kind::send_until, word);
        status = sender.send_until(message, deadline);
        break;
      }
    }
    if (log && status == SendStatus::evicted) {
      part.log.respond_evicted(MessageTraits<Token>::word(message));
    } else if (log) {
      part.log.respond(status);
    }
    if (plan_.record && !log) unrecorded_.store(true, std::memory_order_relaxed);
    if (accepted(status)) part.accepted[id.sequence] = 1;
    if (status == SendStatus::evicted) part.evicted.push_back(MessageTraits<Token>::word(message));
    return status;
  }

  void add_receiver(Crew& crew, int number) {
    Part& part = parts_[static_cast<std::size_t>(plan_.senders + number)];
    part.log = make_log(static_cast<std::size_t>(number));
    part.received.reserve(plan_.messages * static_cast<std::uint64_t>(plan_.senders));
    crew.add("receiver " + std::to_string(number),
             [this, &part](Member& me) { receive_all(me, part); });
  }

  void receive_all(Member& me, Part& part) {
    auto receiver = channel_->receiver();
    for (;;) {
      maybe_pause(me.random, plan_.pause_one_in);
      maybe_pause(me.random, plan_.receiver_pause_one_in);
      if (plan_.leaving && me.random() % 64 == 0) {
        me.note_waits(receiver->stats(), false);
        receiver = channel_->receiver();
      }
      const Form form = draw_form(me.random, plan_.recv, context_.operations());
      std::array<Token, kLargestBatch> batch;
      ReceivedBatch got;
      if (form == Form::batch) {
        got = receiver->recv_n(std::span(batch).first(1 + me.random() % kLargestBatch));
        me.met.operations += got.count;
      } else {
        got.status = receive_one(me, part, *receiver, batch[0], form);
        got.count = got.status == RecvStatus::ok ? 1 : 0;
      }
      if (!may_answer(form, got.status)) {
        me.fail("a receive answered what its form never answers: a wait ended for no reason");
      }
      me.note(got.status);
      me.progress(me.met.operations);
      for (std::size_t i = 0; i < got.count; ++i) {
        part.received.push_back(MessageTraits<Token>::word(batch[i]));
      }
      if (got.status == RecvStatus::closed) break;
      if (got.status == RecvStatus::empty) StdSync::yield();
      if (got.count == 1 && MessageId::of(part.received.back()).sender == end_mark_sender()) {
        part.received.pop_back();
        break;
      }
    }
    me.note_waits(receiver->stats(), false);
  }

  RecvStatus receive_one(Member& me, Part& part, AnyReceiver& receiver, Token& message, Form form) {
    const bool log = plan_.record && part.log.room() > 0;
    RecvStatus status{};
    switch (form) {
      case Form::blocking:
      case Form::batch:
        if (log) part.log.invoke(Kind::recv);
        status = receiver.recv(message);
        break;
      case Form::tries:
        if (log) part.log.invoke(Kind::try_recv);
        status = receiver.try_recv(message);
        break;
      case Form::timed: {
        const Deadline deadline = soon(me.random);
        if (log) part.log.invoke(Kind::recv_until);
        status = receiver.recv_until(message, deadline);
        break;
      }
    }
    if (log) part.log.respond(status, MessageTraits<Token>::word(message));
    if (plan_.record && !log) unrecorded_.store(true, std::memory_order_relaxed);
    return status;
  }

  [[nodiscard]] std::uint32_t end_mark_sender() const {
    return static_cast<std::uint32_t>(plan_.senders);
  }

  /// On the coordinator, beside the crew: closes, or sends end marks when the senders are done.
  void end() {
    if (plan_.ending == Ending::racing && context_.operations().closes) {
      sys::sleep_for(std::chrono::microseconds(context_.random()() % 300));
      return close();
    }
    while (senders_left_.load(std::memory_order_acquire) > 0) sys::sleep_for(20us);
    if (context_.operations().closes) return close();
    const auto sender = channel_->sender();
    Log& log = coordinator().log;
    for (int i = 0; i < plan_.receivers; ++i) {
      Token mark = MessageTraits<Token>::make(
          MessageId{end_mark_sender(), static_cast<std::uint64_t>(i)}.word());
      if (plan_.record) log.invoke(Kind::send, MessageTraits<Token>::word(mark));
      const SendStatus status = sender->send(mark);
      if (plan_.record) log.respond(status);
    }
  }

  void close() {
    Log& log = coordinator().log;
    if (plan_.record) log.invoke(Kind::close);
    channel_->close();
    if (plan_.record) log.respond_closed();
  }

  /// Where there is no close(), end marks may overtake messages; they are still inside.
  void take_leftovers() {
    if (context_.operations().closes || !context_.operations().tries) return;
    const auto receiver = channel_->receiver();
    Log& log = coordinator().log;
    for (;;) {
      Token message;
      if (plan_.record) log.invoke(Kind::try_recv);
      const RecvStatus status = receiver->try_recv(message);
      const std::uint64_t word = MessageTraits<Token>::word(message);
      if (plan_.record) log.respond(status, word);
      if (status != RecvStatus::ok) return;
      if (MessageId::of(word).sender != end_mark_sender()) coordinator().received.push_back(word);
    }
  }

  /// Per-value counts, not sums; and each sender's order at each receiver, where it is promised.
  void account() {
    const auto senders = static_cast<std::size_t>(plan_.senders);
    std::vector<std::vector<std::uint8_t>> times;
    for (std::size_t i = 0; i < senders; ++i) times.emplace_back(plan_.messages, std::uint8_t{0});
    const bool ordered = context_.contract().order != Order::none;
    for (std::size_t p = 0; p < parts_.size(); ++p) {
      for (const std::uint64_t word : parts_[p].evicted) {
        if (!count(times, MessageId::of(word), "evicted")) return;
      }
      std::vector<std::uint64_t> next(times.size(), 0);
      for (const std::uint64_t word : parts_[p].received) {
        const MessageId id = MessageId::of(word);
        if (!count(times, id, "received")) return;
        if (ordered && p + 1 < parts_.size() && id.sequence < next[id.sender]) {
          return context_.fail(name_of(id) + " arrived at one receiver after a later one of its " +
                               "sender");
        }
        next[id.sender] = id.sequence + 1;
      }
    }
    for (std::size_t s = 0; s < senders; ++s) {
      for (std::uint64_t i = 0; i < plan_.messages; ++i) {
        if (parts_[s].accepted[i] == 0 || times[s][i] > 0) continue;
        return context_.fail(name_of({static_cast<std::uint32_t>(s), i}) +
                             " was accepted and never arrived");
      }
    }
  }

  /// False when the case has failed by it.
  bool count(std::vector<std::vector<std::uint8_t>>& times, MessageId id, std::string_view how) {
    if (id.sender >= times.size() || id.sequence >= plan_.messages ||
        parts_[id.sender].accepted[id.sequence] == 0) {
      context_.fail(std::string(how) + " " + name_of(id) + ", which no send had accepted");
    } else if (++times[id.sender][id.sequence] > 1) {
      context_.fail(name_of(id) + " arrived twice");
    }
    return !context_.failed();
  }

  static std::string name_of(MessageId id) {
    return "message " + std::to_string(id.sequence) + " of sender " + std::to_string(id.sender);
  }

  void judge() {
    if (unrecorded_.load(std::memory_order_relaxed)) return;  // a part is missing: nothing to judge
    History history;
    for (const Part& part : parts_) history.append(part.log);
    history.set_drained(true);
    context_.judge(history, plan_.capacity);
  }

  Context& context_;
  const Plan plan_;
  std::unique_ptr<AnyChannel> channel_;
  std::deque<Part> parts_;  // senders, receivers, the coordinator
  std::atomic<int> senders_left_{0};
  std::atomic<bool> unrecorded_{false};
};

}  // namespace

Plan allowed(const Context& context, Plan plan) {
  if (context.contract().producers == Side::one) plan.senders = 1;
  if (context.contract().consumers == Side::one) plan.receivers = 1;
  plan.capacity = context.capacity_from(plan.capacity);
  // Who spins with more threads than processors gets on only as fast as the kernel takes the
  // processor away from those who wait.
  const auto cpus = static_cast<int>(sys::allowed_cpus().size());
  if (context.contract().wait == Wait::spin && plan.senders + plan.receivers > cpus)
    plan.messages = std::max<std::uint64_t>(plan.messages / 10, 20);
  // Two tries never meet: one side must be there already.
  const bool meets = plan.send.tries < 100 || plan.recv.tries < 100;
  if (context.contract().bound == Bound::rendezvous && !meets) plan.recv = {};
  return plan;
}

void run_episode(Context& context, const Plan& plan) { Episode(context, plan).run(); }

}  // namespace weir::stress
