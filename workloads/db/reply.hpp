// What the owner of the database answers to a request, and where the one who asked finds it.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <vector>

#include "channels/oneshot.hpp"
#include "harness/message.hpp"
#include "workloads/databases/database.hpp"

namespace weir::db {

enum class Outcome {
  committed,  ///< it is in the database, as durable as that is
  failed,     ///< it is not: its transaction failed
  closed      ///< nobody knows it any more: the owner ended before it came to it
};

/// One request that was sent and not answered yet. The owner fills in the rest and then sends over
/// the oneshot: that publishes it.
struct alignas(128) Slot {
  std::optional<Oneshot<Outcome>> reply;
  std::int64_t start_ns = 0;    ///< the task's: when the request began, or should have
  std::int64_t replied_ns = 0;  ///< the owner's
  Row row = {};                 ///< of a read
};

/// The slots of one task: its last `window` requests. Its request number n uses slot n % window.
class Lane {
 public:
  explicit Lane(std::size_t window) : slots_(window) {}
  [[nodiscard]] std::size_t window() const noexcept { return slots_.size(); }
  [[nodiscard]] Slot& of(std::uint64_t sequence) noexcept {
    return slots_[sequence % slots_.size()];
  }

 private:
  std::vector<Slot> slots_;
};

/// The lanes of all tasks. Without lanes nobody waits for an answer: fire and forget.
class Desk {
 public:
  Desk(int tasks, std::size_t window) {
    if (window == 0) return;
    for (int i = 0; i < tasks; ++i) lanes_.push_back(std::make_unique<Lane>(window));
  }
  [[nodiscard]] bool answers() const noexcept { return !lanes_.empty(); }
  [[nodiscard]] Lane& lane(std::uint32_t task) noexcept { return *lanes_[task]; }
  /// The slot of the request of that number.
  [[nodiscard]] Slot& of(std::uint64_t word) noexcept {
    const MessageId id = MessageId::of(word);
    return lanes_[id.sender]->of(id.sequence);
  }

 private:
  std::vector<std::unique_ptr<Lane>> lanes_;
};

}  // namespace weir::db
