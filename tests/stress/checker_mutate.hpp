// Damages histories: at random for the proof, by name for the tests of each rule.
#pragma once

#include <algorithm>
#include <random>
#include <utility>
#include <vector>

#include "checker_simulate.hpp"

namespace weir::test {

/// Where an operation stands.
struct Place {
  std::size_t log = 0;
  std::size_t index = 0;
};

template <class Predicate>
std::vector<Place> places(const Logs& logs, const Predicate& predicate) {
  std::vector<Place> found;
  for (std::size_t log = 0; log < logs.size(); ++log) {
    for (std::size_t i = 0; i < logs[log].size(); ++i) {
      if (predicate(logs[log][i])) found.push_back({log, i});
    }
  }
  return found;
}

inline bool received(const stress::Operation& operation) {
  return operation.is_recv() && !operation.pending() && operation.recv_status() == RecvStatus::ok;
}
inline bool got_empty(const stress::Operation& operation) {
  return operation.is_recv() && !operation.pending() &&
         operation.recv_status() == RecvStatus::empty;
}

class Mutator {
 public:
  explicit Mutator(std::uint64_t seed) : random_(seed) {}

  /// One small damage, or none where it does not apply.
  void damage(Logs& logs) {
    switch (random_() % 8) {
      case 0:
      case 1:
        return move(logs);
      case 2:
        return shorten(logs);
      case 3:
        return swap_received(logs);
      case 4:
        return change_answer(logs);
      case 5:
        return make_batch(logs);
      case 6:
        return give_both_roles(logs);
      default:
        return leave_pending(logs);
    }
  }

 private:
  std::uint64_t upto(std::uint64_t most) { return random_() % (most + 1); }

  Place any(const Logs& logs) {
    const auto all = places(logs, [](const stress::Operation& operation) {
      return operation.kind != stress::Kind::evict && !operation.pending();
    });
    return all.empty() ? Place{} : all[random_() % all.size()];
  }

  /// Gives an operation another interval between its neighbours.
  void move(Logs& logs) {
    const Place place = any(logs);
    auto& log = logs[place.log];
    if (log.empty()) return;
    stress::Operation& operation = log[place.index];
    if (operation.pending()) return;
    const bool pair =
        place.index + 1 < log.size() && log[place.index + 1].kind == stress::Kind::evict;
    const std::size_t after = place.index + (pair ? 2 : 1);
    if (after < log.size() && log[after].invoked == 0) return;
    const stress::Stamp low = place.index == 0 ? 0 : log[place.index - 1].responded + 1;
    const stress::Stamp high =
        after < log.size() ? log[after].invoked - 1 : operation.responded + 60;
    if (low >= high) return;
    stress::Stamp from = low + upto(high - low);
    stress::Stamp to = low + upto(high - low);
    if (to < from) std::swap(from, to);
    operation.invoked = from;
    operation.responded = to;
    if (!pair) return;
    log[after - 1].invoked = from;
    log[after - 1].responded = to;
  }

  void shorten(Logs& logs) {
    const Place place = any(logs);
    auto& log = logs[place.log];
    if (log.empty()) return;
    stress::Operation& operation = log[place.index];
    if (operation.pending() || operation.kind == stress::Kind::evict) return;
    if (place.index + 1 < log.size() && log[place.index + 1].kind == stress::Kind::evict) return;
    const stress::Stamp length = operation.responded - operation.invoked;
    operation.invoked += upto(length);
    operation.responded = operation.invoked + upto(operation.responded - operation.invoked);
  }

  void swap_received(Logs& logs) {
    const auto all = places(logs, received);
    if (all.size() < 2) return;
    const Place a = all[random_() % all.size()];
    const Place b = all[random_() % all.size()];
    std::swap(logs[a.log][a.index].value, logs[b.log][b.index].value);
  }

  void change_answer(Logs& logs) {
    const Place place = any(logs);
    if (logs[place.log].empty()) return;
    stress::Operation& operation = logs[place.log][place.index];
    if (operation.pending()) return;
    if (operation.is_recv()) {
      constexpr RecvStatus kOther[] = {RecvStatus::empty, RecvStatus::closed,
                                       RecvStatus::timed_out};
      if (operation.recv_status() == RecvStatus::ok && random_() % 2 == 0) return;
      operation.status = static_cast<std::uint8_t>(kOther[random_() % 3]);
    } else if (operation.is_send() && operation.send_status() != SendStatus::ok &&
               operation.send_status() != SendStatus::evicted) {
      operation.status =
          static_cast<std::uint8_t>(random_() % 2 == 0 ? SendStatus::full : SendStatus::closed);
    }
  }

  /// Some operations of a thread become one call: they have the same interval.
  void make_batch(Logs& logs) {
    auto& log = logs[random_() % logs.size()];
    if (log.empty()) return;
    const std::size_t first = random_() % log.size();
    const std::size_t last = std::min(log.size() - 1, first + 1 + random_() % 2);
    for (std::size_t i = first; i <= last; ++i) {
      if (log[i].pending() || log[i].kind == stress::Kind::evict) return;
    }
    if (last + 1 < log.size() && log[last + 1].kind == stress::Kind::evict) return;
    for (std::size_t i = first; i <= last; ++i) {
      log[i].invoked = log[first].invoked;
      log[i].responded = log[last].responded;
    }
  }

  /// What two threads did is done by one.
  void give_both_roles(Logs& logs) {
    if (random_() % 3 != 0) return;  // it spoils many
    const std::size_t from = random_() % logs.size();
    const std::size_t to = random_() % logs.size();
    if (from == to) return;
    std::vector<stress::Operation> both = logs[to];
    both.insert(both.end(), logs[from].begin(), logs[from].end());
    std::stable_sort(both.begin(), both.end(),
                     [](const auto& a, const auto& b) { return a.invoked < b.invoked; });
    for (std::size_t i = 0; i + 1 < both.size(); ++i) {
      if (both[i].responded < both[i + 1].invoked) continue;
      if (both[i + 1].invoked <= both[i].invoked + 1 || both[i].kind == stress::Kind::evict ||
          both[i + 1].kind == stress::Kind::evict) {
        return;
      }
      both[i].responded = both[i + 1].invoked - 1;
    }
    logs[to] = both;
    logs[from].clear();
  }

  /// The last operation of a thread never returns.
  void leave_pending(Logs& logs) {
    auto& log = logs[random_() % logs.size()];
    if (log.empty() || log.back().kind == stress::Kind::evict) return;
    log.back().responded = stress::kNever;
  }

  std::mt19937_64 random_;
};

}  // namespace weir::test
