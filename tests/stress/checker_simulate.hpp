// Makes histories of a channel that does nothing wrong: threads take turns at a model of it, each
// operation at one instant, and its recorded interval lies around that instant.
#pragma once

#include <algorithm>
#include <cstdint>
#include <deque>
#include <random>
#include <vector>

#include "channels/contract.hpp"
#include "harness/stress/history.hpp"

namespace weir::test {

using Logs = std::vector<std::vector<stress::Operation>>;

struct Simulation {
  std::size_t senders = 1;
  std::size_t receivers = 1;
  std::size_t capacity = 2;
  std::size_t operations = 1000;  ///< of senders and receivers together, before draining
  Contract contract{};
  bool close = true;          ///< a thread of its own closes; what is left is drained
  bool drain = true;          ///< else: ends in the middle
  std::uint64_t pause = 20;   ///< longest between two operations of a thread
  std::uint64_t length = 20;  ///< longest before the instant of an operation, and after it
  std::size_t burst = 0;      ///< so many operations, then all wait until the channel is empty
};

class Simulator {
 public:
  Simulator(const Simulation& simulation, std::uint64_t seed)
      : it_(simulation), random_(seed), logs_(it_.senders + it_.receivers + (it_.close ? 1 : 0)) {
    for (std::size_t thread = 0; thread < logs_.size(); ++thread) {
      clocks_.push_back({});
      plan(thread);
    }
  }

  /// A log for each sender, then for each receiver, then for the closer.
  Logs run() {
    const std::size_t actors = it_.senders + it_.receivers;
    for (std::size_t done = 0; done < it_.operations; ++done) {
      if (it_.burst != 0 && done % it_.burst == it_.burst - 1) drain(actors, false);
      act(next(actors));
    }
    if (it_.close) {
      for (std::size_t i = random_() % (actors + 1); i > 0; --i) act(next(actors));
      close();
      for (std::size_t thread = 0; thread < it_.senders; ++thread) {
        if (random_() % 2 == 0) act(thread);
      }
    }
    if (it_.drain) drain(actors, true);
    return std::move(logs_);
  }

 private:
  struct Clock {
    stress::Stamp invoked = 0;
    stress::Stamp instant = 0;
    stress::Stamp last_response = 0;
  };

  std::uint64_t upto(std::uint64_t most) {
    return 1 + random_() % std::max<std::uint64_t>(most, 1);
  }

  void plan(std::size_t thread) {
    Clock& clock = clocks_[thread];
    clock.invoked = clock.last_response + upto(it_.pause);
    clock.instant = clock.invoked + upto(it_.length);
  }
  /// The thread whose next operation has its instant first.
  std::size_t next(std::size_t actors) const {
    std::size_t best = 0;
    for (std::size_t thread = 1; thread < actors; ++thread) {
      if (clocks_[thread].instant < clocks_[best].instant) best = thread;
    }
    return best;
  }
  bool sends(std::size_t thread) const { return thread < it_.senders; }

  void act(std::size_t thread) {
    // An instant that was passed over while others were at it is now.
    Clock& clock = clocks_[thread];
    clock.instant = now_ = std::max(clock.instant, now_ + 1);
    if (sends(thread)) {
      send(thread);
    } else {
      receive(thread);
    }
    plan(thread);
  }

  void record(std::size_t thread, stress::Kind kind, std::uint64_t word, std::uint8_t status) {
    Clock& clock = clocks_[thread];
    if (kind != stress::Kind::evict) clock.last_response = clock.instant + upto(it_.length);
    const std::size_t first = thread < it_.senders ? 0 : it_.senders;
    logs_[thread].push_back(
        {clock.invoked, clock.last_response, word, kind, status,
         static_cast<std::uint16_t>(thread < it_.senders + it_.receivers ? thread - first : 0)});
  }
  void sent(std::size_t thread, stress::Kind kind, std::uint64_t word, SendStatus status) {
    record(thread, kind, word, static_cast<std::uint8_t>(status));
  }

  void send(std::size_t thread) {
    if (sequence_.size() <= thread) sequence_.resize(thread + 1);
    const std::uint64_t word =
        MessageId{static_cast<std::uint32_t>(thread), sequence_[thread]}.word();
    const bool full = it_.contract.bound != Bound::unbounded && inside_.size() >= it_.capacity;
    const auto kind = static_cast<stress::Kind>(random_() % 3);
    if (closed_) return sent(thread, kind, word, SendStatus::closed);
    if (full && it_.contract.overflow == Overflow::drop_newest) {
      return sent(thread, kind, word, SendStatus::dropped);
    }
    if (full && it_.contract.overflow != Overflow::drop_oldest) {
      const bool waits = random_() % 4 == 0;
      return sent(thread, waits ? stress::Kind::send_until : stress::Kind::try_send, word,
                  waits ? SendStatus::timed_out : SendStatus::full);
    }
    ++sequence_[thread];
    inside_.push_back(word);
    if (!full) return sent(thread, kind, word, SendStatus::ok);
    sent(thread, kind, word, SendStatus::evicted);
    record(thread, stress::Kind::evict, inside_.front(), 0);
    inside_.pop_front();
  }

  void receive(std::size_t thread) {
    const auto kind = static_cast<stress::Kind>(3 + random_() % 3);
    if (!inside_.empty()) {
      record(thread, kind, inside_.front(), static_cast<std::uint8_t>(RecvStatus::ok));
      inside_.pop_front();
      return;
    }
    if (closed_) return record(thread, kind, 0, static_cast<std::uint8_t>(RecvStatus::closed));
    const bool waits = random_() % 4 == 0;
    record(thread, waits ? stress::Kind::recv_until : stress::Kind::try_recv, 0,
           static_cast<std::uint8_t>(waits ? RecvStatus::timed_out : RecvStatus::empty));
  }

  void close() {
    const std::size_t thread = logs_.size() - 1;
    Clock& clock = clocks_[thread];
    clock.instant = ++now_;
    clock.invoked = now_ - std::min<stress::Stamp>(now_, upto(it_.length));
    record(thread, stress::Kind::close, 0, 0);
    closed_ = true;
  }

  /// Receivers go on until the channel is empty; at the end each finds that out.
  void drain(std::size_t actors, bool at_the_end) {
    while (!inside_.empty()) act(it_.senders + random_() % it_.receivers);
    stress::Stamp quiet = now_;
    if (at_the_end) {
      for (std::size_t thread = it_.senders; thread < actors; ++thread) act(thread);
      return;
    }
    for (const Clock& clock : clocks_) quiet = std::max(quiet, clock.last_response);
    for (std::size_t thread = 0; thread < actors; ++thread) {
      clocks_[thread].last_response = quiet;
      plan(thread);
    }
  }

  Simulation it_;
  std::mt19937_64 random_;
  Logs logs_;
  std::vector<Clock> clocks_{};
  std::vector<std::uint64_t> sequence_{};
  std::deque<std::uint64_t> inside_{};
  stress::Stamp now_ = 0;
  bool closed_ = false;
};

inline Logs simulate(const Simulation& simulation, std::uint64_t seed) {
  return Simulator(simulation, seed).run();
}

inline stress::History history_of(const Logs& logs, bool drained = false) {
  stress::History history;
  for (const auto& log : logs) {
    if (!log.empty()) history.append(log);
  }
  history.set_drained(drained);
  return history;
}

}  // namespace weir::test
