#include "harness/stress/history.hpp"

#include <algorithm>
#include <limits>
#include <stdexcept>

namespace weir::stress {
namespace {

constexpr std::size_t kMostOperations = std::numeric_limits<std::uint32_t>::max() - 1;

/// Counters of two processors differ by at most `skew`: with those that are behind as the measure,
/// a true response is at most `skew` after its stamp. A thread's operations follow each other, so
/// that each bound also holds for its neighbour; that matters where the thread changed processors.
void widen(std::span<Operation> thread, Stamp skew) {
  Stamp earliest = 0;
  for (Operation& operation : thread) {
    earliest = std::max(earliest, operation.invoked);
    operation.invoked = earliest;
  }
  Stamp latest = kNever;
  for (auto operation = thread.rbegin(); operation != thread.rend(); ++operation) {
    if (!operation->pending()) {
      latest = std::min(latest, operation->responded + skew);
      operation->responded = latest;
    } else if (operation != thread.rbegin()) {
      throw std::invalid_argument("an operation follows one of its thread that never returned");
    }
    if (operation->responded < operation->invoked) {
      throw std::invalid_argument("the stamps of a thread run backwards by more than the skew");
    }
  }
}

/// A send that evicts and what it evicts stand together.
void demand_pairs(std::span<const Operation> thread) {
  bool evicted = false;
  for (const Operation& operation : thread) {
    if (evicted != (operation.kind == Kind::evict)) {
      throw std::invalid_argument("an eviction without its send, or the other way round");
    }
    evicted = operation.is_send() && !operation.pending() &&
              operation.send_status() == SendStatus::evicted;
  }
  if (evicted) throw std::invalid_argument("a send evicted a message, and nobody says which");
}

}  // namespace

std::vector<Operation> Log::operations() const {
  const auto end = operations_.begin() + static_cast<std::ptrdiff_t>(size_);
  std::vector<Operation> result(operations_.begin(), end);
  if (open_) {
    result.push_back(*end);
    result.back().responded = kNever;
  }
  return result;
}

void History::append(const Log& log, Stamp skew) {
  if (log.overflowed()) throw std::invalid_argument("a log had no room for all operations");
  append(log.operations(), skew);
}

void History::append(std::span<const Operation> one_thread, Stamp skew) {
  if (one_thread.size() > kMostOperations - operations_.size()) {
    throw std::length_error("more operations than a history can hold");
  }
  demand_pairs(one_thread);
  const std::size_t begin = operations_.size();
  operations_.insert(operations_.end(), one_thread.begin(), one_thread.end());
  try {
    widen(std::span(operations_).subspan(begin), skew);
  } catch (...) {
    operations_.resize(begin);
    throw;
  }
  ends_.push_back(operations_.size());
}

}  // namespace weir::stress
