#include "harness/machine.hpp"

#include <algorithm>
#include <array>
#include <atomic>
#include <cmath>
#include <limits>
#include <vector>

#include "channels/sync.hpp"
#include "harness/message.hpp"
#include "harness/registry.hpp"
#include "harness/scenario/loops.hpp"
#include "harness/scenario/time.hpp"
#include "harness/trial.hpp"

namespace weir {
namespace {

constexpr std::string_view kName = "machine";

/// A value that has its cache lines to itself.
template <class T>
struct alignas(kSeparation) Apart {
  T value{};
};

void need_two_processors() {
  if (sys::allowed_cpus().size() < 2) throw NotApplicable("needs two processors");
}

// --- clocks

template <class Read>
void clock_cost(Trial& trial, const Read& read) {
  std::uint64_t sink = 0;
  const double ns = trial.loop([&](std::uint64_t times) {
    for (std::uint64_t i = 0; i < times; ++i) {
      sink += read();
      asm volatile("" : "+r"(sink));
    }
  });
  trial.report({"read", "ns", Direction::lower, ns});
}

void clock_monotonic(Trial& trial) {
  clock_cost(trial, [] { return static_cast<std::uint64_t>(MonotonicClock::now_ns()); });
}

void clock_tsc(Trial& trial) {
  clock_cost(trial, [] { return read_tsc(); });
}

// --- two threads in turn

/// Plays two roles that take turns; `turn(side, n)` waits for turn n, and gives the next one away.
/// Records round trips.
template <class Wait, class Pass>
void take_turns(Trial& trial, const Wait& wait, const Pass& pass) {
  Histogram round_trips;
  std::atomic<std::uint32_t> turn{0};
  std::atomic<bool> over{false};
  trial.add_sender([&](Role& role) {
    role.wait_for_gate();
    RoleCounts counts;
    std::int64_t start = MonotonicClock::now_ns();
    for (std::uint32_t n = 0; role.checkpoint(counts.messages) != Phase::stopping; n += 2) {
      pass(turn, n + 1);
      wait(turn, n + 2);
      const std::int64_t now = MonotonicClock::now_ns();
      if (role.in_window()) round_trips.record(now - start);
      start = now;
      ++counts.messages;
      ++counts.offered;
    }
    over.store(true, std::memory_order_relaxed);  // published by the last turn
    pass(turn, turn.load(std::memory_order_relaxed) + 1);
    role.end(counts, nullptr);
  });
  trial.add_receiver([&](Role& role) {
    role.wait_for_gate();
    RoleCounts counts;
    for (std::uint32_t n = 1;; n += 2) {
      wait(turn, n);
      if (over.load(std::memory_order_relaxed)) break;
      ++counts.messages;
      role.checkpoint(counts.messages);
      pass(turn, n + 1);
    }
    role.end(counts, nullptr);
  });
  trial.play(nullptr);
  if (!trial.verify()) return;
  trial.report({"round_trip_p50", "ns", Direction::lower,
                static_cast<double>(round_trips.quantile_ns(0.5))});
  trial.report("round_trip", round_trips);
}

void cache_line_round_trip(Trial& trial) {
  need_two_processors();
  take_turns(
      trial,
      [](const std::atomic<std::uint32_t>& turn, std::uint32_t n) {
        while (turn.load(std::memory_order_acquire) != n)
          StdSync::pause();  // partner: the store below
      },
      [](std::atomic<std::uint32_t>& turn, std::uint32_t n) {
        turn.store(n, std::memory_order_release);
      });
}

void futex_round_trip(Trial& trial) {
  if (trial.spec().place != Place::one) need_two_processors();
  take_turns(
      trial,
      [](const std::atomic<std::uint32_t>& turn, std::uint32_t n) {
        for (;;) {
          const std::uint32_t seen =
              turn.load(std::memory_order_acquire);  // partner: the store below
          if (seen == n) return;
          StdSync::futex_wait(turn, seen);
        }
      },
      [](std::atomic<std::uint32_t>& turn, std::uint32_t n) {
        turn.store(n, std::memory_order_release);
        StdSync::futex_wake(turn, 1);
      });
}

/// As the workload wake_up, with nothing but a futex: each side sleeps before it passes the turn,
/// so that the other is asleep.
void futex_wake(Trial& trial) {
  if (trial.spec().place != Place::one) need_two_processors();
  std::atomic<std::int64_t> sent_ns{0};
  std::array<Apart<Histogram>, 2> wakes;
  std::atomic<std::size_t> side{0};
  take_turns(
      trial,
      [&](const std::atomic<std::uint32_t>& turn, std::uint32_t n) {
        for (;;) {
          const std::uint32_t seen =
              turn.load(std::memory_order_acquire);  // partner: the store below
          if (seen == n) break;
          StdSync::futex_wait(turn, seen);
        }
        const std::int64_t sent = sent_ns.load(std::memory_order_relaxed);  // published by the turn
        wakes[n % 2].value.record(MonotonicClock::now_ns() - sent);
      },
      [&](std::atomic<std::uint32_t>& turn, std::uint32_t n) {
        sys::sleep_for(std::chrono::microseconds(150));
        sent_ns.store(MonotonicClock::now_ns(), std::memory_order_relaxed);
        turn.store(n, std::memory_order_release);
        StdSync::futex_wake(turn, 1);
      });
  wakes[0].value.merge(wakes[1].value);
  trial.replace_figures(
      {{"wake_p50", "ns", Direction::lower, static_cast<double>(wakes[0].value.quantile_ns(0.5))}});
  trial.report("wake", wakes[0].value);
}

// --- streaming between two cores

/// Words through a ring, handed over in quarters: about what the interconnect can do when nothing
/// else is in the way.
void stream(Trial& trial, std::size_t ring_bytes) {
  need_two_processors();
  const std::size_t words = ring_bytes / sizeof(std::uint64_t);
  const std::size_t chunk = words / 4;
  std::vector<std::uint64_t> ring(words, 0);
  Apart<std::atomic<std::uint64_t>> written;
  Apart<std::atomic<std::uint64_t>> read;
  Apart<std::atomic<bool>> over;
  trial.add_sender([&](Role& role) {
    role.wait_for_gate();
    RoleCounts counts;
    while (role.checkpoint(counts.messages) != Phase::stopping) {
      // acquire: partner is the reader's release of the chunk
      while (counts.messages + chunk > read.value.load(std::memory_order_acquire) + words)
        StdSync::pause();
      const std::size_t base = counts.messages % words;
      for (std::size_t i = 0; i < chunk; ++i) ring[base + i] = counts.messages + i;
      counts.messages += chunk;
      written.value.store(counts.messages, std::memory_order_release);
    }
    over.value.store(true, std::memory_order_release);  // after the last chunk
    counts.offered = counts.messages;
    role.end(counts, nullptr);
  });
  trial.add_receiver([&](Role& role) {
    role.wait_for_gate();
    RoleCounts counts;
    std::uint64_t wrong = 0;
    for (;;) {
      role.checkpoint(counts.messages);
      const bool ended =
          over.value.load(std::memory_order_acquire);  // before the look at `written`
      if (written.value.load(std::memory_order_acquire) == counts.messages) {
        if (ended) break;
        StdSync::pause();
        continue;
      }
      const std::size_t base = counts.messages % words;
      for (std::size_t i = 0; i < chunk; ++i) wrong |= ring[base + i] ^ (counts.messages + i);
      counts.messages += chunk;
      read.value.store(counts.messages, std::memory_order_release);
    }
    if (wrong != 0) role.fail("corrupt", "a word of the stream changed");
    role.end(counts, nullptr);
  });
  trial.play(nullptr);
  if (trial.verify())
    trial.report({"stream", "msg/s", Direction::higher, trial.rate_of(Role::Kind::receiver)});
}

void stream_8(Trial& trial) { stream(trial, 8 * 1024); }
void stream_16(Trial& trial) { stream(trial, 16 * 1024); }
void stream_128(Trial& trial) { stream(trial, 128 * 1024); }

// --- the harness itself

/// A channel that is a variable: what the harness adds to every message, on one thread.
void null_channel(Trial& trial) {
  using T = Payload<8>;
  Ledger ledger(1, Bookkeeping::in_order, true);
  T slot{};
  std::uint64_t sequence = 0;
  const double ns = trial.loop([&](std::uint64_t messages) {
    for (std::uint64_t i = 0; i < messages; ++i) {
      slot = MessageTraits<T>::make(MessageId{0, sequence++}.word());
      asm volatile("" : "+m"(slot));  // it is stored, and loaded again
      if (!MessageTraits<T>::intact(slot)) ledger.record_damage(MessageTraits<T>::word(slot));
      ledger.record(MessageId::of(MessageTraits<T>::word(slot)));
    }
  });
  const Verdict verdict = judge({&ledger}, {sequence});
  if (!verdict.failure.empty()) return trial.fail(verdict.failure, verdict.reason);
  trial.report({"throughput", "msg/s", Direction::higher, 1e9 / ns});
}

/// What a role of a scenario writes down of one message.
void scenario_stamp(Trial& trial) {
  constexpr std::size_t kEntries = 1 << 16;
  scenario::Log<scenario::Received> log(kEntries);
  log.prepare(kEntries);
  const double ns = trial.loop([&](std::uint64_t values) {
    for (std::uint64_t i = 0; i < values; ++i) {
      if (i % kEntries == 0) log.clear();
      const auto at = static_cast<std::int64_t>(i);
      log.push({i, at, at});
    }
  });
  trial.report({"stamp", "ns", Direction::lower, ns});
}

/// What becomes of it afterwards.
void histogram_value(Trial& trial) {
  Histogram histogram;
  scenario::Random random(trial.seed());
  std::vector<std::int64_t> values(4096);  // log-uniform from 64 ns to 1 ms, as responses spread
  for (std::int64_t& value : values)
    value = static_cast<std::int64_t>(std::exp2(6 + 14 * random.uniform()));
  const double ns = trial.loop([&](std::uint64_t times) {
    for (std::uint64_t i = 0; i < times; ++i) histogram.record(values[i % values.size()]);
  });
  trial.report({"record", "ns", Direction::lower, ns});
}

/// The loops of a scenario around a channel that is a variable: sender and receiver in turn on one
/// thread, one clock reading each.
void scenario_loops(Trial& trial) {
  using T = Payload<8>;
  struct Slot {
    T slot{};
    SendStatus send(T& message) noexcept {
      slot = message;
      return SendStatus::ok;
    }
    SendStatus try_send(T& message) noexcept { return send(message); }
    SendStatus send_until(T& message, Deadline /*deadline*/) noexcept { return send(message); }
    RecvStatus recv(T& message) noexcept {
      message = slot;
      return RecvStatus::ok;
    }
    RecvStatus try_recv(T& message) noexcept { return recv(message); }
  };
  constexpr std::size_t kEntries = 1 << 16;
  Slot slot;
  scenario::SendLoop<scenario::RealTime, T> sender({}, kEntries);
  scenario::ReceiveLoop<scenario::RealTime, T> receiver({{}, 0}, 0, 0, kEntries);
  sender.prepare(kEntries);
  receiver.begin(kEntries);
  const double ns = trial.loop([&](std::uint64_t messages) {
    for (std::uint64_t i = 0; i < messages; ++i) {
      if (i % kEntries == 0) {
        sender.begin({.asap = true, .end = std::numeric_limits<std::int64_t>::max()});
        receiver.begin(0);
      }
      asm volatile("" : "+m"(slot));  // it is stored, and loaded again
      static_cast<void>(sender.step(slot, [](const T& /*evicted*/) {}));
      static_cast<void>(receiver.step(
          slot, [](const T& /*message*/) { return true; }, [](const T& /*message*/) {}));
    }
  });
  trial.report({"message", "ns", Direction::lower, ns});
}

// --- the host

/// The longest time for which the host, or another process, took the processor away from a thread
/// that only reads the clock.
void host_gap_max(Trial& trial) {
  Histogram gaps;
  sys::pin_to(sys::allowed_cpus().front());
  std::int64_t last = MonotonicClock::now_ns();
  const std::int64_t until = last + std::chrono::nanoseconds(trial.timing().window).count();
  std::int64_t longest = 0;
  while (last < until) {
    const std::int64_t now = MonotonicClock::now_ns();
    longest = std::max(longest, now - last);
    if (now - last > 5'000) gaps.record(now - last);
    last = now;
  }
  trial.report({"longest_gap", "ns", Direction::lower, static_cast<double>(longest)});
  trial.report("gaps_above_5us", gaps);
}

struct Limit {
  std::string_view name;
  std::string_view summary;
  RunFunction run;
};

template <Place kPlace, void (*kRun)(Trial&)>
void placed(Trial& trial) {
  trial.place_roles(kPlace);
  kRun(trial);
}

constexpr std::array kLimits{
    Limit{"clock_monotonic", "reading CLOCK_MONOTONIC", &clock_monotonic},
    Limit{"clock_tsc", "reading the processor's time stamp counter", &clock_tsc},
    Limit{"cache_line_round_trip", "one cache line from core to core and back",
          &placed<Place::spread, cache_line_round_trip>},
    Limit{"stream_8KiB", "8-byte words from core to core through a ring of 8 KiB",
          &placed<Place::spread, stream_8>},
    Limit{"stream_16KiB", "8-byte words from core to core through a ring of 16 KiB",
          &placed<Place::spread, stream_16>},
    Limit{"stream_128KiB", "8-byte words from core to core through a ring of 128 KiB",
          &placed<Place::spread, stream_128>},
    Limit{"futex_round_trip:one", "futex wake and answer, both on one core",
          &placed<Place::one, futex_round_trip>},
    Limit{"futex_round_trip:spread", "futex wake and answer, across cores",
          &placed<Place::spread, futex_round_trip>},
    Limit{"futex_wake:one", "waking a sleeper by a bare futex, on one core",
          &placed<Place::one, futex_wake>},
    Limit{"futex_wake:spread", "waking a sleeper by a bare futex, across cores",
          &placed<Place::spread, futex_wake>},
    Limit{"null", "the harness without a channel: generate, store, load, verify on one thread",
          &null_channel},
    Limit{"scenario_stamp", "writing down one message in the log of a scenario's role",
          &scenario_stamp},
    Limit{"scenario_loops", "a scenario without a channel: both loops, a clock reading each",
          &scenario_loops},
    Limit{"histogram_value", "counting one value in a histogram, after the measurement",
          &histogram_value},
    Limit{"host_gap_max", "longest time the processor was taken away in one window", &host_gap_max},
};

}  // namespace

void enter_machine() {
  registry().add_workload(
      {kName,
       "the limits of this machine: clocks, cores, futex, host gaps, the harness itself",
       {}});
  for (const Limit& limit : kLimits) {
    registry().add_channel({.name = std::string(limit.name),
                            .summary = std::string(limit.summary),
                            .contract = {},
                            .own = true,
                            .kind = EntryKind::limit});
    registry().add_run(kName, limit.name, "", limit.run);
  }
}

}  // namespace weir
