// task_c: the one who owns the database. Takes requests from the channel, puts a group of them into
// one transaction, commits, and only then answers each.
//
//   channel --> [ request ... ] --> begin, apply ..., commit --> answers
//
// A group ends with `most` requests, `linger` after its first, or with a flush; without linger it
// takes what is there and waits for nothing.
#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "harness/any_channel.hpp"
#include "harness/clock.hpp"
#include "harness/histogram.hpp"
#include "workloads/db/reply.hpp"
#include "workloads/db/requests.hpp"

namespace weir::db {

struct GroupRule {
  std::size_t most = 1;
  std::chrono::nanoseconds linger{0};
  std::size_t value_bytes = 8;
};

/// Whoever wants to know what the owner does: its trial.
class OwnerWatcher {
 public:
  virtual ~OwnerWatcher() = default;
  /// A message came. False: it is an end mark.
  virtual bool came(const Token& message) {
    return MessageTraits<Token>::word(message) != kEndMark;
  }
  /// After a request was applied: what else its service takes.
  virtual void serve() {}
  /// A group was answered.
  virtual void settled(std::size_t requests) { static_cast<void>(requests); }
};

class Owner {
 public:
  /// All must outlive it. Reads need a desk that answers; groups need a channel of which
  /// why_no_groups() says nothing.
  Owner(AnyChannel& channel, const Operations& operations, Connection& connection,
        const Requests& requests, Desk& desk, GroupRule rule, OwnerWatcher& watcher);
  virtual ~Owner() = default;

  /// Serves until the channel is closed, or an end mark came, and nothing is left in it. If it ends
  /// by an exception instead, it first closes the channel and answers `closed` to all that is in
  /// it.
  void run();

  [[nodiscard]] static std::string_view why_no_groups(const Operations& operations,
                                                      const GroupRule& rule);

  // Read when it has ended.
  [[nodiscard]] const Histogram& commits() const noexcept { return commits_; }  ///< ns each
  [[nodiscard]] const Histogram& groups() const noexcept { return groups_; }    ///< requests each
  [[nodiscard]] std::uint64_t failed() const noexcept { return failed_; }       ///< requests
  [[nodiscard]] const std::string& error() const noexcept { return error_; }    ///< the first

 protected:
  /// Commits the group and answers it. A planted fault overrides it.
  virtual void settle();
  void commit();
  /// Each request of the group, once: what was answered already stays as it was.
  void answer(Outcome outcome) noexcept;

 private:
  void begin_group() noexcept;
  bool serve_group();
  void collect();
  bool take(Token& message, Deadline until) noexcept;
  bool note(const Token& message);
  void apply(std::uint64_t word);
  void fail(const DatabaseError& error);
  void close_and_refuse() noexcept;

  AnyChannel& channel_;
  const Operations& operations_;
  Connection& connection_;
  const Requests& requests_;
  Desk& desk_;
  GroupRule rule_;
  OwnerWatcher& watcher_;
  std::unique_ptr<AnyReceiver> receiver_;
  std::vector<std::byte> value_;
  std::vector<std::uint64_t> group_;
  bool flush_ = false;
  bool answered_ = false;
  bool ending_ = false;
  Histogram commits_;
  Histogram groups_;
  std::uint64_t failed_ = 0;
  std::string error_;
};

}  // namespace weir::db
