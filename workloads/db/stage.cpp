#include "workloads/db/stage.hpp"

#include <fmt/core.h>

#include <nlohmann/json.hpp>

#include "harness/record.hpp"
#include "workloads/db/oracle.hpp"

namespace weir::db {
namespace {

const Store& store_of(const Case& spec) {
  const Store& store = *find_store(spec.store);
  if (!store.missing.empty()) throw NotApplicable(std::string(store.missing));
  return store;
}

std::unique_ptr<TemporaryFolder> folder_for(const Store& store) {
  if (store.in_memory) return nullptr;
  auto folder = std::make_unique<TemporaryFolder>();
  if (in_memory(folder->path())) {
    throw NotApplicable(
        "its folder lies in memory, where nothing is synced: choose another by --db-folder");
  }
  return folder;
}

}  // namespace

Pace::Pace(const Case& spec, std::uint32_t task)
    : distance_ns_(spec.rate == 0 ? 0
                                  : static_cast<std::int64_t>(1e9 * spec.producers /
                                                              static_cast<double>(spec.rate))),
      phase_ns_(distance_ns_ * task / spec.producers) {
  if (distance_ns_ != 0) sys::sharpen_sleeps();
}

std::int64_t Pace::next() noexcept {
  std::int64_t now = MonotonicClock::now_ns();
  if (distance_ns_ == 0) return now;
  due_ns_ = due_ns_ == 0 ? now + phase_ns_ : due_ns_ + distance_ns_;
  if (now < due_ns_) sys::sleep_for(std::chrono::nanoseconds(due_ns_ - now));
  return due_ns_;
}

DbStage::DbStage(Trial& trial)
    : trial_(trial),
      store_(store_of(trial.spec())),
      folder_(folder_for(store_)),
      database_(store_.open(folder_ ? folder_->path() : std::filesystem::path())),
      requests_(trial.spec(), trial.seed()) {
  load(*database_->connect(), spec().rows, static_cast<std::size_t>(spec().value_bytes));
  for (int i = 0; i < spec().producers; ++i) {
    logs_.push_back(
        std::make_unique<TaskLog>(ReadCheck(requests_, static_cast<std::uint32_t>(i), spec())));
  }
}

void DbStage::play(const std::function<void()>& close) {
  const std::optional<DiskUse> before = database_->disk_use();
  trial_.play(close);
  used_ = database_->disk_use();
  if (!used_) return;
  used_->syncs -= before->syncs;
  used_->bytes_written -= before->bytes_written;
}

bool DbStage::check() {
  std::vector<std::uint64_t> accepted;
  for (const auto& role : trial_.roles()) {
    if (!role->failure().empty()) trial_.fail(role->failure(), role->reason());
    if (role->kind() == Role::Kind::sender) accepted.push_back(role->counts().messages);
  }
  for (const auto& log : logs_) {
    if (const std::string wrong = log->reads.wrong(); !wrong.empty()) trial_.fail("corrupt", wrong);
    if (log->not_committed > 0)
      trial_.fail("error", fmt::format("{} requests were not committed", log->not_committed));
  }
  if (const std::string wrong =
          differences(*database_->connect(), spec().rows, requests_, accepted);
      !wrong.empty())
    trial_.fail("state", wrong);
  return trial_.failure().empty();
}

void DbStage::report(Role::Kind applies, const std::optional<OwnersReport>& owner) {
  trial_.report({"updates", "msg/s", Direction::higher, trial_.rate_of(applies)});
  Histogram responses;
  std::uint64_t requests = 0;
  double cpu_ns = 0;
  std::uint64_t in_window = 0;
  for (const auto& log : logs_) responses.merge(log->responses);
  for (const auto& role : trial_.roles()) {
    cpu_ns += static_cast<double>(role->window().cpu_ns);
    if (role->kind() == Role::Kind::sender) requests += role->counts().messages;
    if (role->kind() == applies) in_window += role->window().messages;
  }
  for (const auto& [name, fraction] : {std::pair{"response_p50", 0.5}, {"response_p99", 0.99}}) {
    if (responses.supports(fraction)) {
      trial_.report(
          {name, "ns", Direction::lower, static_cast<double>(responses.quantile_ns(fraction))});
    }
  }
  if (responses.count() > 0) trial_.report("response", responses);
  if (owner && owner->commits.count() > 0) trial_.report("commit", owner->commits);

  const auto per_request = [requests](std::uint64_t value) -> Json {
    if (requests == 0) return nullptr;
    return rounded(static_cast<double>(value) / static_cast<double>(requests));
  };
  Json line;
  line["durable"] = database_->durable();
  line["file_system"] = folder_ ? Json(file_system_of(folder_->path())) : Json(nullptr);
  line["requests"] = requests;
  line["syncs"] = used_ ? Json(used_->syncs) : Json(nullptr);
  line["syncs_per_request"] = used_ ? per_request(used_->syncs) : Json(nullptr);
  line["bytes_per_request"] = used_ ? per_request(used_->bytes_written) : Json(nullptr);
  line["cpu_ns_per_request"] =
      in_window == 0 ? Json(nullptr) : Json(rounded(cpu_ns / static_cast<double>(in_window)));
  line["groups"] = nullptr;
  line["erasure"] = nullptr;
  if (owner) {
    line["groups"] = {{"count", owner->groups.count()},
                      {"mean", rounded(owner->groups.mean_ns())},
                      {"max", owner->groups.max_ns()},
                      {"buckets", describe_buckets(owner->groups)}};
    line["erasure"] = owner->erasure.json();
    line["erasure"]["share"] = rounded(owner->erasure_share);
  }
  trial_.report_more("db", line.dump());
}

}  // namespace weir::db
