#include <fmt/core.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstring>
#include <memory>
#include <system_error>

#include "harness/child.hpp"
#include "harness/durability/trials.hpp"
#include "harness/error.hpp"
#include "harness/scenario/schedule.hpp"
#include "harness/system.hpp"
#include "workloads/databases/folder.hpp"
#include "workloads/databases/sqlite.hpp"

namespace weir::durability {
namespace {

using std::chrono::microseconds;
using std::chrono::milliseconds;

constexpr std::uint64_t kLargest = 20'000;    ///< updates in one database, then there is a new one
constexpr std::uint64_t kLongestUs = 80'000;  ///< from the first promise to the kill
constexpr microseconds kLongWait{40'000};     ///< after it another promise must have come

/// What the child writes and the parent reads when it is gone.
struct Shared {
  std::array<Progress, kTasks> progress;
  std::array<char, 256> error;
};

/// Opens the database of the try. The file of the user's own is SQLite's.
std::unique_ptr<db::Database> open_database(const Options& options,
                                            const std::filesystem::path& folder) {
#ifdef WEIR_HAS_SQLITE
  const auto synchronous = options.twin == Twin::never_sync   ? db::Synchronous::off
                           : options.store == "sqlite-normal" ? db::Synchronous::normal
                                                              : db::Synchronous::full;
  // Checkpoints often enough that some kills land in one.
  const db::SqliteOptions settings{.synchronous = synchronous, .checkpoint_pages = 50};
  if (!options.file.empty()) return std::make_unique<db::Sqlite>(options.file, settings);
  if (options.store.starts_with("sqlite"))
    return std::make_unique<db::Sqlite>(folder / "weir.sqlite", settings);
#endif
  return db::find_store(options.store)->open(folder);
}

[[noreturn]] void be_the_child(const Options& options, const System& system,
                               const std::filesystem::path& folder, const db::Requests& requests,
                               Shared& shared) {
  ::prctl(PR_SET_PDEATHSIG, SIGKILL);
  try {
    const auto database = open_database(options, folder);
    play(system, *database, requests, shared.progress.data());
    std::strcpy(shared.error.data(), "ended by itself");
  } catch (const std::exception& error) {
    std::strncpy(shared.error.data(), error.what(), shared.error.size() - 1);
  }
  ::_exit(1);
}

std::uint64_t promised(const Shared& shared) {
  std::uint64_t sum = 0;
  for (const Progress& progress : shared.progress) {
    const Span span = progress.span();
    sum += span.acknowledged - span.first;
  }
  return sum;
}

/// Kills the child so long after its first promise. What went wrong, if it did not come to that.
std::string kill_after(pid_t child, const Shared& shared, microseconds wait,
                       milliseconds patience) {
  std::string wrong;
  int status = 0;
  const auto await_promise = [&](std::uint64_t beyond) {
    const std::int64_t start = MonotonicClock::now_ns();
    while (promised(shared) <= beyond && !interrupted) {
      if (::waitpid(child, &status, WNOHANG) == child) return false;
      if (MonotonicClock::now_ns() - start > std::chrono::nanoseconds(patience).count()) {
        wrong = fmt::format("it hung: nothing was promised in {} ms, after {} updates",
                            patience.count(), beyond);
        return true;
      }
      sys::sleep_for(microseconds(100));
    }
    return true;
  };
  bool lives = await_promise(0);
  if (lives && wrong.empty()) {
    const std::uint64_t before = promised(shared);
    sys::sleep_for(wait);
    // A child that stands still is no child that was interrupted in its work.
    if (wait >= kLongWait) lives = await_promise(before);
  }
  if (!lives) return std::string("the child ended before it was killed: ") + shared.error.data();
  ::kill(child, SIGKILL);
  while (::waitpid(child, &status, 0) < 0 && errno == EINTR) {
  }
  if (wrong.empty() && !WIFSIGNALED(status))
    wrong = std::string("the child ended before it was killed: ") + shared.error.data();
  if (wrong.empty() && WTERMSIG(status) != SIGKILL)
    wrong = "the child ended by signal " + std::to_string(WTERMSIG(status));
  return wrong;
}

class Killer {
 public:
  explicit Killer(const Options& options)
      : options_(options),
        random_(options.seed),
        requests_(requests_of(options.seed)),
        memory_(sizeof(Shared), sys::Pages::Visibility::shared_with_children),
        shared_(*new (memory_.data()) Shared{}) {
    if (!options.file.empty()) begin_with_what_is_there();
  }

  Result run(const OnTry& on_try) {
    for (int i = 0; i < options_.tries && result_.wrong.empty() && !interrupted; ++i) {
      if (options_.file.empty() && (folder_ == nullptr || before_.found >= kLargest)) renew();
      one_try(i);
      on_try(result_);
    }
    return result_;
  }

 private:
  /// A file of the user's own: it must hold nothing but what an earlier call left, and its rows are
  /// not ours to account for. So it must be new.
  void begin_with_what_is_there() {
    bool empty = true;
    open_database(options_, {})->connect()->for_each([&](std::uint64_t, const db::Row&) {
      empty = false;
    });
    if (!empty)
      throw UsageError("'" + options_.file.string() +
                       "' holds updates of an earlier run, of which nobody knows what was "
                       "promised: give the name of a new file");
  }

  void renew() {
    folder_ = std::make_unique<db::TemporaryFolder>();
    runs_.clear();
    before_ = {};
  }

  void one_try(int number) {
    const System system = system_of(options_, number, random_.next());
    for (std::uint32_t task = 0; task < kTasks; ++task)
      shared_.progress[task].begin_at(runs_.empty() ? 0 : runs_.back()[task].sent);
    shared_.error[0] = '\0';
    const std::filesystem::path folder = folder_ ? folder_->path() : std::filesystem::path();
    std::fflush(nullptr);
    const pid_t child = ::fork();
    if (child < 0) throw std::system_error(errno, std::generic_category(), "fork");
    if (child == 0) be_the_child(options_, system, folder, requests_, shared_);
    const microseconds wait(random_.next() % kLongestUs);
    std::string wrong = kill_after(child, shared_, wait, options_.patience);
    runs_.emplace_back();
    for (const Progress& progress : shared_.progress) runs_.back().push_back(progress.span());
    if (wrong.empty()) wrong = look(folder);
    ++result_.tries;
    if (!wrong.empty()) {
      result_.wrong = fmt::format("try {} over {}: {}", number + 1, system.channel->name, wrong);
    }
  }

  /// Adds what this try brought to the sums.
  std::string look(const std::filesystem::path& folder) {
    try {
      const auto database = open_database(options_, folder);
      const Audit now = audit(*database->connect(), requests_, runs_);
      result_.acknowledged += now.acknowledged - before_.acknowledged;
      result_.found += now.found - before_.found;
      result_.lost += now.lost - before_.lost;
      before_ = now;
      return now.wrong;
    } catch (const db::DatabaseError& error) {
      return error.what();
    }
  }

  const Options& options_;
  scenario::Random random_;
  db::Requests requests_;
  sys::Pages memory_;
  Shared& shared_;
  std::unique_ptr<db::TemporaryFolder> folder_;
  Runs runs_;
  Audit before_;
  Result result_;
};

}  // namespace

System system_of(const Options& options, int number, std::uint64_t drawn) {
  constexpr std::array<std::size_t, 4> kSizes{1, 8, 64, 512};
  return {.channel = options.channels[static_cast<std::size_t>(number) % options.channels.size()],
          .window = kSizes[drawn % kSizes.size()],
          .group = kSizes[drawn / kSizes.size() % kSizes.size()],
          .twin = options.twin};
}

Result kill_again_and_again(const Options& options, const OnTry& on_try) {
  return Killer(options).run(on_try);
}

}  // namespace weir::durability
