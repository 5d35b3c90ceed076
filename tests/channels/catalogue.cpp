// Every channel of the catalogue, whoever wrote it: short trials of the workloads that its contract
// allows, each of them verified.
#include <gtest/gtest.h>

#include <algorithm>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "harness/registry.hpp"
#include "harness/run_trial.hpp"

namespace weir::test {
namespace {

std::vector<std::string> names() {
  std::vector<std::string> found;
  for (const ChannelEntry* entry : registry().channels()) {
    if (entry->kind == EntryKind::channel) found.push_back(entry->name);
  }
  return found;
}

std::string as_identifier(const testing::TestParamInfo<std::string>& info) {
  std::string name = info.param;
  for (char& c : name) {
    if (std::isalnum(static_cast<unsigned char>(c)) == 0) c = '_';
  }
  return name;
}

class Catalogue : public testing::TestWithParam<std::string> {
 protected:
  const ChannelEntry& entry() const { return *registry().find_channel(GetParam()); }

  /// The smallest capacity from `wanted` on that the channel can have, or its largest one.
  std::size_t capacity_from(std::size_t wanted) const {
    wanted = std::min(wanted, entry().contract.max_capacity);
    while (!entry().contract.why_not(wanted).empty()) ++wanted;
    return wanted;
  }

  Case spec_for(std::string workload, std::size_t capacity = 100) const {
    Case spec;
    spec.workload = std::move(workload);
    spec.channel = GetParam();
    spec.capacity = capacity_from(capacity);
    return spec;
  }

  /// Runs the case, which must be verified; or there must be a reason why it does not apply.
  void expect_verified(Case spec) {
    SCOPED_TRACE(spec.id());
    if (!registry().why_not(spec).empty()) return;
    // A closed loop has to come round within the window; for the others it waits.
    const int window_ms = spec.workload == "ping_pong" ? 100 : 15;
    const Timing timing{std::chrono::milliseconds(2), std::chrono::milliseconds(window_ms)};
    spec.min_messages = 100;
    const Limits limits{.hang_after = std::chrono::seconds(30)};
    const auto record = run_trial(spec, 1, timing, limits);
    ASSERT_TRUE(record.has_value());
    ASSERT_EQ((*record)["status"], "ok") << record->dump(1);
    ASSERT_GE((*record)["counts"]["received"].get<std::uint64_t>(), 100U);
    ASSERT_FALSE((*record)["metrics"].empty());
    ++trials_;
  }

  int trials_ = 0;
};

TEST_P(Catalogue, PassesEveryTopologyThatItsContractAllows) {
  const Contract& contract = entry().contract;
  for (const int senders : {1, 2}) {
    for (const int receivers : {1, 2}) {
      for (const std::size_t capacity : {3U, 100U}) {
        Case spec = spec_for("throughput", capacity);
        spec.producers = senders;
        spec.consumers = receivers;
        const bool allowed = (senders == 1 || contract.producers == Side::many) &&
                             (receivers == 1 || contract.consumers == Side::many);
        ASSERT_EQ(registry().why_not(spec).empty(), allowed) << registry().why_not(spec);
        expect_verified(spec);
      }
    }
  }
  EXPECT_GT(trials_, 0) << "no case applied: the test would say nothing";
}

TEST_P(Catalogue, CarriesEveryKindOfMessageThatItsContractAllows) {
  for (const char* message : {"16", "64", "256", "unique_ptr"}) {
    Case spec = spec_for("throughput");
    spec.message = message;
    const MessageRule rule = entry().contract.message;
    const bool allowed = rule == MessageRule::nothrow_movable ||
                         (rule == MessageRule::trivially_copyable && spec.message != "unique_ptr");
    EXPECT_EQ(registry().why_not(spec).empty(), allowed) << message;
    // What a box holds is not the library's, so that no suppression can be given for it where
    // ThreadSanitizer does not see how the library orders (see tsan.supp).
    if (WEIR_SANITIZED && !entry().own && spec.message == "unique_ptr") continue;
    expect_verified(spec);
  }
}

TEST_P(Catalogue, PassesBatchesWhereItHasThem) {
  for (const int threads : {1, 2}) {
    Case spec = spec_for("throughput");
    spec.batch = 8;
    EXPECT_EQ(registry().why_not(spec).empty(), entry().batch);
    spec.producers = threads;
    spec.consumers = threads;
    expect_verified(spec);
  }
}

TEST_P(Catalogue, KeepsATableThatEqualsItsReplay) {
  for (const int tasks : {1, 2}) {
    Case spec = spec_for("db_update");
    spec.producers = tasks;
    expect_verified(spec);
  }
}

TEST_P(Catalogue, AnswersEveryPing) { expect_verified(spec_for("ping_pong")); }

// Also on a machine that has no more: who spins there waits for the end of a time slice, twice for
// each round trip, so that a window holds about ten of them.
TEST_P(Catalogue, AnswersPingsWithinAWindowOnOneProcessor) {
  Case spec = spec_for("ping_pong");
  spec.place = Place::one;
  const auto record = run_trial(spec, 1, Timing{}, Limits{});
  ASSERT_TRUE(record.has_value());
  EXPECT_EQ((*record)["status"], "ok") << (*record)["reason"];
}

TEST_P(Catalogue, SaysWhyACapacityIsNotPossible) {
  Case spec = spec_for("throughput");
  const Contract& contract = entry().contract;
  for (const std::size_t capacity : {std::size_t{0}, contract.min_capacity - 1, std::size_t{100}}) {
    spec.capacity = capacity;
    EXPECT_EQ(registry().why_not(spec), contract.why_not(capacity));
  }
  const bool ignores_it = contract.bound == Bound::unbounded || contract.bound == Bound::rendezvous;
  EXPECT_EQ(contract.why_not(0).empty(), ignores_it);
}

TEST_P(Catalogue, SaysWhereItComesFrom) {
  const Source& source = entry().contract.source;
  EXPECT_FALSE(entry().summary.empty());
  EXPECT_FALSE(source.name.empty());
  EXPECT_FALSE(source.licence.empty());
  if (!entry().own) {
    EXPECT_FALSE(source.version.empty()) << "a figure without a version says nothing";
    EXPECT_TRUE(source.url.starts_with("https://")) << source.url;
  }
}

INSTANTIATE_TEST_SUITE_P(All, Catalogue, testing::ValuesIn(names()), as_identifier);

}  // namespace
}  // namespace weir::test
