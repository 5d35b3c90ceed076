#include "harness/durability/system.hpp"

#include <algorithm>
#include <chrono>
#include <thread>
#include <vector>

#include "harness/system.hpp"
#include "workloads/db/client.hpp"
#include "workloads/db/owner.hpp"

namespace weir::durability {
namespace {

using db::Connection;

/// Beside the account that an update changes, a row of its own, whose key is its number: which
/// updates are there can then be read, and one that is there by half can be seen.
class TwoRows final : public Connection {
 public:
  explicit TwoRows(Connection& inner) : inner_(inner) {}
  void begin() override { inner_.begin(); }
  void apply(const db::Write& write) override {
    inner_.apply(write);
    inner_.apply({write.word, write.amount, write.word, write.value});
  }
  bool read(std::uint64_t key, db::Row& row) override { return inner_.read(key, row); }
  void commit() override { inner_.commit(); }
  void rollback() noexcept override { inner_.rollback(); }
  void for_each(const std::function<void(std::uint64_t, const db::Row&)>& visit) override {
    inner_.for_each(visit);
  }

 private:
  Connection& inner_;
};

/// What it promised cannot be taken back: when a commit fails, there is nothing left for it to do.
/// Between promise and commit it waits twice as long as the last commit took, so that kills hit
/// that moment on any disk.
class EarlyAnswer final : public db::Owner {
 public:
  using Owner::Owner;
  struct BrokenPromise {};

 private:
  void settle() override {
    answer(db::Outcome::committed);
    sys::sleep_for(std::max<std::chrono::nanoseconds>(std::chrono::milliseconds(1), 2 * took_));
    const std::int64_t began = MonotonicClock::now_ns();
    try {
      commit();
    } catch (const db::DatabaseError&) {
      throw BrokenPromise();
    }
    took_ = std::chrono::nanoseconds(MonotonicClock::now_ns() - began);
  }

  std::chrono::nanoseconds took_{};
};

void ask(const System& system, AnyChannel& channel, db::Desk& desk, std::uint32_t task,
         Progress& progress) {
  bool refused = false;
  const auto sender = channel.sender();
  const std::uint64_t first = progress.span().first;
  db::Client client(
      *sender, desk, task,
      [&](const db::Settled& settled) {
        refused = refused || settled.outcome != db::Outcome::committed;
        // Those after one that was refused may have been committed, but are not counted: what was
        // promised is a span. seq_cst: whoever reads it has outlived this process.
        if (!refused) progress.acknowledged = MessageId::of(settled.word).sequence + 1;
      },
      first);
  while (!refused && client.sent() - first < system.most) {
    progress.sent = client.sent() + 1;
    if (client.submit(MonotonicClock::now_ns()) != SendStatus::ok) break;
  }
  client.settle_all();
}

template <class Owner>
void own(const System& system, AnyChannel& channel, Connection& connection,
         const db::Requests& requests, db::Desk& desk) {
  constexpr std::size_t kValueBytes = 100;
  TwoRows rows(connection);
  db::OwnerWatcher watcher;
  Owner owner(channel, system.channel->any.operations, rows, requests, desk,
              {.most = system.group, .value_bytes = kValueBytes}, watcher);
  try {
    owner.run();
  } catch (const EarlyAnswer::BrokenPromise&) {
    // The channel is closed now, and the tasks end.
  }
}

}  // namespace

void Progress::begin_at(std::uint64_t number) noexcept {
  first = number;
  sent = number;
  acknowledged = number;
}

Span Progress::span() const noexcept { return {first, sent, acknowledged}; }

db::Requests requests_of(std::uint64_t seed) {
  Case spec;
  spec.rows = kAccounts;
  return {spec, seed};
}

void play(const System& system, db::Database& database, const db::Requests& requests,
          Progress* progress) {
  const auto connection = database.connect();
  const auto channel = system.channel->any.make(system.capacity);
  db::Desk desk(kTasks, system.window);
  std::vector<std::thread> tasks;
  for (std::uint32_t i = 0; i < kTasks; ++i)
    tasks.emplace_back([&, i] { ask(system, *channel, desk, i, progress[i]); });
  std::thread owner([&] {
    const auto serve = system.twin == Twin::early_answer ? &own<EarlyAnswer> : &own<db::Owner>;
    serve(system, *channel, *connection, requests, desk);
  });
  for (std::thread& task : tasks) task.join();
  channel->close();
  owner.join();
}

}  // namespace weir::durability
