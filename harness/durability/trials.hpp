// Interruptions, again and again: the process is killed, or the power fails; then the database is
// opened as anybody would, and audited.
#pragma once

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "harness/durability/audit.hpp"

namespace weir::durability {

struct Options {
  std::vector<const ChannelEntry*> channels;  ///< they take turns
  std::string store = "sqlite-full";
  std::filesystem::path file;  ///< of kill: a database to go on with, kept; empty: temporary ones
  int tries = 1;
  std::uint64_t seed = 1;
  Twin twin = Twin::none;
  std::chrono::milliseconds patience{20'000};  ///< with a try that hangs
};

/// Sums over all tries. `wrong` is the first thing that must not be, with its try.
struct Result {
  int tries = 0;
  std::uint64_t acknowledged = 0;
  std::uint64_t found = 0;
  std::uint64_t lost = 0;
  std::uint64_t torn = 0;  ///< of power losses: unsynced operations that were dropped or torn
  std::string wrong;

  [[nodiscard]] bool clean() const noexcept { return lost == 0 && wrong.empty(); }
  /// Of the command: what was found counts, however it ended.
  [[nodiscard]] int status(bool was_interrupted) const noexcept {
    if (!clean()) return 1;
    return was_interrupted ? 130 : 0;
  }
};

/// Called after each try.
using OnTry = std::function<void(const Result&)>;

/// A child process runs the system and is killed at a moment that is drawn. The same database for
/// many tries, so that what one left behind is what the next begins with. Throws UsageError or
/// DatabaseError.
Result kill_again_and_again(const Options& options, const OnTry& on_try);

/// The system runs over a disk that loses power at an operation that is drawn; a new database and a
/// process of its own for each try. SQLite only.
Result lose_power_again_and_again(const Options& options, const OnTry& on_try);

/// One try's system: channel in turn, window and group drawn.
System system_of(const Options& options, int number, std::uint64_t drawn);

}  // namespace weir::durability
