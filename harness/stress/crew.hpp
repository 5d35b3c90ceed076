// The threads of a case: named on the board, pinned as the case wants, started together. A thread
// reports progress, so that the watching process tells a hang from slowness.
#pragma once

#include <atomic>
#include <functional>
#include <string>
#include <thread>
#include <vector>

#include "harness/stress/case.hpp"

namespace weir::stress {

/// `one`: all threads share a core. `all`: they take turns over the cores. `free`: not pinned.
enum class Pin { one, all, free };

class Crew;

/// A thread of a case, as it sees itself.
class Member {
 public:
  Member(std::uint64_t seed, BoardLine& line) : random(seed), line_(line) {}

  Random random;
  Met met;

  /// After each operation, or a handful of them.
  void progress(std::uint64_t operations) noexcept {
    line_.progress.store(operations, std::memory_order_relaxed);  // read by the watchdog only
  }
  /// Keeps the first failure of this thread; the case fails with it.
  void fail(std::string reason) {
    if (failure_.empty()) failure_ = std::move(reason);
  }
  /// Notes what an operation answered.
  void note(SendStatus status) noexcept;
  void note(RecvStatus status) noexcept;
  void note_waits(const WaitStats& waits, bool sender) noexcept;

 private:
  friend class Crew;
  BoardLine& line_;
  std::string failure_;
};

/// Runs threads for a Context. All start at once when run() is called.
class Crew {
 public:
  Crew(Context& context, Pin pin) : context_(context), pin_(pin) {}

  /// Adds a thread; `name` is for people: "sender 0".
  void add(std::string name, std::function<void(Member&)> body);
  /// Starts all, runs `meanwhile` on the calling thread, joins, and sums up what they met.
  void run(const std::function<void()>& meanwhile = nullptr);
  [[nodiscard]] std::size_t size() const noexcept { return bodies_.size(); }

 private:
  Context& context_;
  Pin pin_;
  std::vector<std::string> names_;
  std::vector<std::function<void(Member&)>> bodies_;
};

}  // namespace weir::stress
