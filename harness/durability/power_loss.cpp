#include <fmt/core.h>

#include <array>

#include "harness/child.hpp"
#include "harness/durability/disk.hpp"
#include "harness/durability/trials.hpp"
#include "harness/error.hpp"
#include "harness/scenario/schedule.hpp"
#include "workloads/databases/folder.hpp"
#include "workloads/databases/sqlite.hpp"

namespace weir::durability {

#ifdef WEIR_HAS_SQLITE

namespace {

constexpr std::uint64_t kLatest = 600;  ///< operations until power fails

db::Synchronous synchronous_of(const Options& options) {
  if (options.twin == Twin::never_sync) return db::Synchronous::off;
  return options.store == "sqlite-normal" ? db::Synchronous::normal : db::Synchronous::full;
}

std::string look(const std::filesystem::path& folder, const db::Requests& requests,
                 const std::array<Progress, kTasks>& progress, Result& result) {
  Runs runs(1);
  for (const Progress& task : progress) runs.front().push_back(task.span());
  try {
    db::Sqlite database(folder / "weir.sqlite");
    const Audit found = audit(*database.connect(), requests, runs);
    result.acknowledged += found.acknowledged;
    result.found += found.found;
    result.lost += found.lost;
    return found.wrong;
  } catch (const db::DatabaseError& error) {
    return error.what();
  }
}

void one_try(const Options& options, int number, scenario::Random& random, Result& result) {
  const db::TemporaryFolder before;
  const db::TemporaryFolder after;
  const db::Requests requests = requests_of(options.seed);
  const System system = system_of(options, number, random.next());
  std::array<Progress, kTasks> progress{};
  FailingDisk disk;
  {
    db::Sqlite database(
        before.path() / "weir.sqlite",
        {.synchronous = synchronous_of(options), .checkpoint_pages = 50, .faults = &disk});
    disk.cut_power_at(1 + random.next() % kLatest);
    try {
      play(system, database, requests, progress.data());
    } catch (const db::DatabaseError&) {
      // Power failed before the owner had its connection.
    }
    // Who ends while there is power was not interrupted by its loss.
    if (!disk.dark())
      result.wrong = fmt::format("try {}: it ended before power failed", number + 1);
    result.torn += disk.write_what_is_left(after.path(), random.next());
  }
  ++result.tries;
  if (!result.wrong.empty()) return;
  const std::string wrong = look(after.path(), requests, progress, result);
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
