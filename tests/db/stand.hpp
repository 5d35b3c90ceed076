// A proxy for tests: a channel, an owner on a thread of its own, and clients on others.
#pragma once

#include <functional>
#include <set>
#include <thread>
#include <vector>

#include "channels/mutex_condvar.hpp"
#include "time_limit.hpp"
#include "workloads/databases/memory.hpp"
#include "workloads/db/client.hpp"
#include "workloads/db/owner.hpp"
#include "workloads/db/reads.hpp"

namespace weir::db::test {

/// Passes on; what a test wants otherwise it overrides.
class PassesOn : public Connection {
 public:
  explicit PassesOn(Connection& inner) : inner_(inner) {}
  void begin() override { inner_.begin(); }
  void apply(const Write& write) override { inner_.apply(write); }
  bool read(std::uint64_t key, Row& row) override { return inner_.read(key, row); }
  void commit() override { inner_.commit(); }
  void rollback() noexcept override { inner_.rollback(); }
  void for_each(const std::function<void(std::uint64_t, const Row&)>& visit) override {
    inner_.for_each(visit);
  }

 private:
  Connection& inner_;
};

/// What became of one task's requests.
struct Fate {
  std::uint64_t sent = 0;
  std::set<std::uint64_t> committed;
  std::set<std::uint64_t> failed;
  std::set<std::uint64_t> closed;
  SendStatus last_send = SendStatus::ok;
  std::string wrong_reads;
};

struct Stand {
  static constexpr std::uint64_t kRows = 50;
  static constexpr std::size_t kBytes = 24;

  Stand(int tasks_, std::size_t window, GroupRule rule_, Case spec_ = {})
      : tasks(tasks_), rule(rule_), spec(std::move(spec_)), desk(tasks_, window) {
    spec.rows = kRows;
    spec.value_bytes = static_cast<int>(kBytes);
    requests = std::make_unique<Requests>(spec, 4);
    rule.value_bytes = kBytes;
  }

  /// Sends `each` requests from each task; returns when all have their answers.
  template <class SomeOwner = Owner>
  void run(Connection& connection, std::uint64_t each) {
    SomeOwner owner(*channel, factory.operations, connection, *requests, desk, rule, watcher);
    std::thread owning([&] {
      try {
        owner.run();
      } catch (const std::exception& error) {
        died_of = error.what();
      }
    });
    fates.resize(static_cast<std::size_t>(tasks));
    std::vector<std::thread> asking;
    for (int i = 0; i < tasks; ++i) asking.emplace_back([this, i, each] { ask(i, each); });
    for (std::thread& thread : asking) thread.join();
    channel->close();
    owning.join();
    groups = owner.groups();
    failed = owner.failed();
  }

  /// Each task sends as many requests as it may have unanswered; then the owner begins and serves
  /// them all. On one thread.
  void run_when_full(Connection& connection) {
    Owner owner(*channel, factory.operations, connection, *requests, desk, rule, watcher);
    fates.resize(static_cast<std::size_t>(tasks));
    const auto sender = channel->sender();
    std::vector<std::unique_ptr<Client>> clients;
    for (int i = 0; i < tasks; ++i) {
      Fate& fate = fates[static_cast<std::size_t>(i)];
      clients.push_back(std::make_unique<Client>(
          *sender, desk, static_cast<std::uint32_t>(i),
          [&fate](const Settled& settled) { fate.committed.insert(settled.word); }));
      while (clients.back()->sent() < desk.lane(static_cast<std::uint32_t>(i)).window())
        clients.back()->submit(MonotonicClock::now_ns());
    }
    channel->close();
    owner.run();
    for (const auto& client : clients) client->settle_all();
    groups = owner.groups();
  }

  void ask(int task, std::uint64_t each) {
    Fate& fate = fates[static_cast<std::size_t>(task)];
    const auto sender = channel->sender();
    ReadCheck reads(*requests, static_cast<std::uint32_t>(task), spec);
    Client client(*sender, desk, static_cast<std::uint32_t>(task), [&](const Settled& settled) {
      auto& where = settled.outcome == Outcome::committed ? fate.committed
                    : settled.outcome == Outcome::failed  ? fate.failed
                                                          : fate.closed;
      EXPECT_TRUE(where.insert(settled.word).second) << "answered twice";
      EXPECT_GE(settled.done_ns, settled.start_ns);
      if (settled.outcome == Outcome::committed) reads.done(settled.word, settled.row);
    });
    while (client.sent() < each && fate.last_send == SendStatus::ok)
      fate.last_send = client.submit(MonotonicClock::now_ns());
    client.settle_all();
    fate.sent = client.sent();
    fate.wrong_reads = reads.wrong();
  }

  int tasks;
  GroupRule rule;
  Case spec;
  Desk desk;
  std::unique_ptr<Requests> requests;
  AnyFactory factory = erase<MutexCondvar<Token>>();
  std::unique_ptr<AnyChannel> channel = factory.make(64);
  OwnerWatcher watcher;
  std::vector<Fate> fates;
  Histogram groups;
  std::uint64_t failed = 0;
  std::string died_of;
};

}  // namespace weir::db::test
