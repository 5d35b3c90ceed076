#include "harness/registry.hpp"
#include "harness/scenario/erasure.hpp"
#include "harness/work.hpp"
#include "workloads/db/client.hpp"
#include "workloads/db/db.hpp"
#include "workloads/db/owner.hpp"
#include "workloads/db/stage.hpp"
#include "workloads/transfer.hpp"

namespace weir::db {
namespace {

/// The owner, as a role of the trial sees it.
class OwnerRole final : public OwnerWatcher {
 public:
  OwnerRole(Role& role, const AnyChannel& channel, const Operations& operations,
            std::uint64_t steps)
      : role_(role), channel_(channel), sized_(operations.sized), steps_(steps) {
    role.checkpoint(0);
  }
  bool came(const Token& message) override { return accept(*role_.ledger(), message); }
  void serve() override { work(steps_); }
  void settled(std::size_t requests) override {
    counts_.messages += requests;
    if (sized_ && counts_.messages >= sample_at_) {
      role_.sample_depth(channel_.size_hint());
      sample_at_ = counts_.messages + kSampleEvery;
    }
    if (role_.checkpoint(counts_.messages) == Phase::stopping) role_.stamp_last_message();
  }
  void end(const WaitStats* waits) noexcept { role_.end(counts_, waits); }

 private:
  static constexpr std::uint64_t kSampleEvery = 64;
  Role& role_;
  const AnyChannel& channel_;
  bool sized_;
  std::uint64_t steps_;
  std::uint64_t sample_at_ = 0;
  RoleCounts counts_;
};

class Proxy {
 public:
  explicit Proxy(Trial& trial)
      : stage_(trial),
        entry_(*registry().find_channel(trial.spec().channel)),
        operations_(entry_.any.operations),
        erasure_(scenario::erasure_of(entry_.any, entry_.contract, trial.spec().capacity)),
        channel_(entry_.any.make(trial.spec().capacity)),
        desk_(trial.spec().producers, static_cast<std::size_t>(trial.spec().window)) {}

  void run() {
    Trial& trial = stage_.trial();
    for (int i = 0; i < stage_.spec().producers; ++i)
      trial.add_sender([this](Role& role) { ask(role); });
    trial.add_receiver([this](Role& role) { own(role); });
    trial.keep_ledgers(entry_.contract);
    stage_.play([this] { end_receiver(); });
    if (!owner_error_.empty()) trial.fail("error", owner_error_);
    const bool verified = trial.verify();
    if (stage_.check() && verified) report();
  }

 private:
  void report() {
    const Case& spec = stage_.spec();
    const double rate = stage_.trial().rate_of(Role::Kind::receiver);
    const std::string why = erasure_.why_not(rate, spec.producers, spec.consumers);
    if (!why.empty()) throw NotApplicable(why);
    const double share = erasure_.share(rate, spec.producers, spec.consumers);
    stage_.report(Role::Kind::receiver, OwnersReport{commits_, groups_, erasure_, share});
  }

  void ask(Role& role) {
    const auto sender = channel_->sender();
    TaskLog& log = stage_.log(role);
    Client client(*sender, desk_, role.index(), [&](const Settled& settled) {
      log.response(role, settled.start_ns, settled.done_ns);
      if (settled.outcome == Outcome::committed) {
        log.reads.done(settled.word, settled.row);
      } else {
        ++log.not_committed;
      }
    });
    Pace pace(stage_.spec(), role.index());
    RoleCounts counts;
    role.wait_for_gate();
    while (role.checkpoint(counts.messages) != Phase::stopping) {
      const SendStatus status = client.submit(pace.next());
      ++counts.offered;
      counts.messages = client.sent();
      if (accepted(status)) continue;
      if (status != SendStatus::full && status != SendStatus::dropped) {
        role.fail("state", unexpected(status));
        break;
      }
      ++counts.refused;
    }
    client.settle_all();
    const WaitStats waits = sender->stats();
    role.end(counts, operations_.counts_waits ? &waits : nullptr);
  }

  void own(Role& role) {
    const Case& spec = stage_.spec();
    const std::unique_ptr<Connection> connection = stage_.database().connect();
    OwnerRole watcher(role, *channel_, operations_, role.steps_for(spec.recv_work_ns));
    Owner owner(*channel_, operations_, *connection, stage_.requests(), desk_,
                {.most = static_cast<std::size_t>(spec.group),
                 .linger = std::chrono::nanoseconds(spec.linger_ns),
                 .value_bytes = static_cast<std::size_t>(spec.value_bytes)},
                watcher);
    role.wait_for_gate();
    owner.run();
    watcher.end(nullptr);
    commits_ = owner.commits();
    groups_ = owner.groups();
    owner_error_ = owner.error();
  }

  void end_receiver() {
    if (operations_.closes) return channel_->close();
    Token mark = MessageTraits<Token>::make(kEndMark);
    static_cast<void>(channel_->sender()->send(mark));
  }

  DbStage stage_;
  const ChannelEntry& entry_;
  const Operations& operations_;
  scenario::Erasure erasure_;
  std::unique_ptr<AnyChannel> channel_;
  Desk desk_;
  Histogram commits_;
  Histogram groups_;
  std::string owner_error_;
};

void refuse_what_cannot_be(const Case& spec, const ChannelEntry& entry) {
  if (entry.contract.overflow == Overflow::drop_oldest)
    throw NotApplicable("evicts updates that it had accepted: the database would lack them");
  if (entry.contract.order == Order::none)
    throw NotApplicable("promises no order: an update could overtake another of its task");
  if (spec.window == 0 && spec.mix != "update")
    throw NotApplicable("reads need an answer, and a window of 0 has none");
  const GroupRule rule{.most = static_cast<std::size_t>(spec.group),
                       .linger = std::chrono::nanoseconds(spec.linger_ns)};
  const std::string_view why = Owner::why_no_groups(entry.any.operations, rule);
  if (!why.empty()) throw NotApplicable(std::string(why));
}

}  // namespace

void run_proxy(Trial& trial) {
  refuse_what_cannot_be(trial.spec(), *registry().find_channel(trial.spec().channel));
  Proxy(trial).run();
}

}  // namespace weir::db
