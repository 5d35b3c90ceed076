#include "workloads/idle.hpp"

#include <algorithm>
#include <vector>

#include "harness/registry.hpp"
#include "harness/trial.hpp"

namespace weir {
namespace {

/// What a waiting thread used, from the gate to the end of its wait.
struct Rest {
  std::int64_t cpu_ns = 0;
  std::int64_t wall_ns = 0;
};

/// Its spin before it sleeps counts: it is part of the wait.
template <class Operation>
Rest measure(const Operation& operation) {
  const std::int64_t cpu = sys::thread_cpu_ns();
  const std::int64_t wall = MonotonicClock::now_ns();
  operation();
  return {sys::thread_cpu_ns() - cpu, MonotonicClock::now_ns() - wall};
}

/// Fills the channel, so that the next send waits. False if it takes more than it should.
bool fill(AnySender& sender, std::size_t capacity) {
  Token token{};
  for (std::size_t i = 0; i < capacity; ++i) {
    token = MessageTraits<Token>::make(MessageId{0, i}.word());
    if (sender.try_send(token) != SendStatus::ok) return i > 0;
  }
  token = MessageTraits<Token>::make(MessageId{0, capacity}.word());
  return sender.try_send(token) == SendStatus::full;
}

}  // namespace

void run_idle(Trial& trial) {
  const ChannelEntry& entry = *registry().find_channel(trial.spec().channel);
  const Operations& can = entry.any.operations;
  const std::size_t capacity = trial.spec().capacity;
  const bool fills = can.closes && can.tries && entry.contract.bound == Bound::exact &&
                     entry.contract.overflow == Overflow::block;
  const auto empty = entry.any.make(capacity);
  const auto full = fills ? entry.any.make(capacity) : nullptr;
  std::vector<Rest> waits(fills ? 2 : 1);

  // As receivers both: a trial joins its senders before it closes.
  trial.add_receiver([&](Role& role) {
    const auto receiver = empty->receiver();
    role.wait_for_gate();
    Token token{};
    RecvStatus status = RecvStatus::ok;
    waits[0] = measure([&] { status = receiver->recv(token); });
    const bool by_mark = !can.closes && MessageTraits<Token>::word(token) == kEndMark;
    if (status != RecvStatus::closed && !by_mark)
      role.fail("state", "a receive from an empty channel did not wait for its end");
    role.end({}, nullptr);
  });
  if (fills) {
    trial.add_receiver([&](Role& role) {
      const auto sender = full->sender();
      if (!fill(*sender, capacity)) role.fail("state", "it cannot be filled");
      role.wait_for_gate();
      Token token = MessageTraits<Token>::make(MessageId{0, capacity}.word());
      waits[1] = measure([&] {
        if (sender->send(token) != SendStatus::closed)
          role.fail("state", "a send into a full channel did not wait for its end");
      });
      role.end({}, nullptr);
    });
  }
  trial.play([&] {
    if (can.closes) {
      empty->close();
      if (full) full->close();
    } else {
      Token mark = MessageTraits<Token>::make(kEndMark);
      static_cast<void>(empty->sender()->send(mark));
    }
  });
  if (!trial.verify()) return;
  double worst = 0;
  for (const Rest& wait : waits)
    worst = std::max(worst,
                     100.0 * static_cast<double>(wait.cpu_ns) / static_cast<double>(wait.wall_ns));
  trial.report({"idle_cpu", "percent", Direction::lower, worst});
}

void enter_idle() {
  registry().add_workload(
      {.name = "idle",
       .summary = "processor time of threads that wait while nothing happens, % of a core each",
       .keys = {"cap", "place"},
       .base = {},
       .erased = run_idle});
}

}  // namespace weir
