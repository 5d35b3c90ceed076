#include <fmt/core.h>

#include <array>
#include <new>

#include "harness/child.hpp"
#include "harness/durability/disk.hpp"
#include "harness/durability/trials.hpp"
#include "harness/error.hpp"
#include "harness/scenario/schedule.hpp"
#include "harness/system.hpp"
#include "workloads/databases/folder.hpp"
#include "workloads/databases/sqlite.hpp"

namespace weir::durability {

#ifdef WEIR_HAS_SQLITE

namespace {

constexpr std::uint64_t kLatest = 600;  ///< operations until power fails

using db::Synchronous;

/// What a try leaves to the process that watches it.
struct Shared {
  std::array<Progress, kTasks> progress;
  std::uint64_t acknowledged;
  std::uint64_t found;
  std::uint64_t lost;
  std::uint64_t torn;
  std::array<char, 256> wrong;
  bool done;  ///< all of the above is there
};

/// One try, in a process of its own. `before` is the folder on the disk that loses power, `after`
/// gets what is left there.
struct Try {
  const Options& options;
  System system;
  std::uint64_t cut_at;
  std::uint64_t seed;
  std::filesystem::path before;
  std::filesystem::path after;
};

/// Runs the system until power fails. What went wrong; empty when nothing did.
std::string play_until_dark(const Try& one, const db::Requests& requests, FailingDisk& disk,
                            Progress* progress) {
  const std::filesystem::path file = one.before / "weir.sqlite";
  db::SqliteOptions settings{.checkpoint_pages = 50, .faults = &disk};
  if (one.options.store == "sqlite-normal") settings.synchronous = Synchronous::normal;
  if (one.options.twin == Twin::never_sync) {
    // The file itself is whole and synced, and no checkpoint writes to it: what the twin loses is
    // its log, which is what it promised.
    const db::Sqlite whole(file, settings);
    settings.synchronous = Synchronous::off;
    settings.checkpoint_pages = 0;
  }
  db::Sqlite database(file, settings);
  disk.cut_power_at(one.cut_at);
  try {
    play(one.system, database, requests, progress);
  } catch (const db::DatabaseError&) {
    // Power failed before the owner had its connection.
  }
  // Who ends while there is power was not interrupted by its loss.
  return disk.dark() ? "" : "it ended before power failed";
}

/// Opens what is left as anybody would.
std::string look(const Try& one, const db::Requests& requests, Shared& shared) {
  Runs runs(1);
  for (const Progress& task : shared.progress) runs.front().push_back(task.span());
  db::Sqlite database(one.after / "weir.sqlite");
  const Audit found = audit(*database.connect(), requests, runs);
  shared.acknowledged = found.acknowledged;
  shared.found = found.found;
  shared.lost = found.lost;
  return found.wrong;
}

void carry_out(const Try& one, Shared& shared) {
  const db::Requests requests = requests_of(one.options.seed);
  std::string wrong;
  try {
    FailingDisk disk;
    wrong = play_until_dark(one, requests, disk, shared.progress.data());
    shared.torn = disk.write_what_is_left(one.after, one.seed);
    if (wrong.empty()) wrong = look(one, requests, shared);
  } catch (const std::exception& error) {
    wrong = error.what();
  }
  wrong.copy(shared.wrong.data(), shared.wrong.size() - 1);
  shared.done = true;
}

/// Of a try that did not come to its end.
std::string how_it_ended(const ChildOutcome& outcome, const Options& options,
                         const Shared& shared) {
  if (outcome.failure != "hang") return outcome.reason;
  std::uint64_t promised = 0;
  for (const Progress& task : shared.progress) promised += task.span().acknowledged;
  return fmt::format("it hung: not done after {} ms, with {} updates acknowledged",
                     options.patience.count(), promised);
}

void one_try(const Options& options, int number, scenario::Random& random, Result& result) {
  const db::TemporaryFolder before;
  const db::TemporaryFolder after;
  const System system = system_of(options, number, random.next());
  const std::uint64_t cut_at = 1 + random.next() % kLatest;
  const Try one{options, system, cut_at, random.next(), before.path(), after.path()};
  const sys::Pages memory(sizeof(Shared), sys::Pages::Visibility::shared_with_children);
  Shared& shared = *new (memory.data()) Shared{};
  const ChildOutcome outcome = run_in_child(
      [&](Board&) {
        carry_out(one, shared);
        return std::string();
      },
      {.hang_after = options.patience, .at_most = options.patience});
  if (!shared.done && interrupted) return;
  const bool ended = shared.done && (outcome.failure.empty() || shared.wrong[0] != '\0');
  const std::string wrong = ended ? shared.wrong.data() : how_it_ended(outcome, options, shared);
  ++result.tries;
  result.acknowledged += shared.acknowledged;
  result.found += shared.found;
  result.lost += shared.lost;
  result.torn += shared.torn;
  if (!wrong.empty())
    result.wrong = fmt::format("try {} over {}: {}", number + 1, system.channel->name, wrong);
}

}  // namespace

Result lose_power_again_and_again(const Options& options, const OnTry& on_try) {
  scenario::Random random(options.seed);
  Result result;
  for (int i = 0; i < options.tries && result.wrong.empty() && !interrupted; ++i) {
    one_try(options, i, random, result);
    on_try(result);
  }
  return result;
}

#else

Result lose_power_again_and_again(const Options&, const OnTry&) {
  throw UsageError(
      "a power loss is simulated under SQLite: libsqlite3-dev was not found when Weir "
      "was built");
}

#endif

}  // namespace weir::durability
