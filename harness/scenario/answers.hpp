// Where the answers to the requests of a scenario go.
#pragma once

#include <atomic>
#include <cstdint>
#include <vector>

#include "harness/message.hpp"
#include "harness/scenario/oneshot.hpp"

namespace weir::scenario {

/// A slot for each sender, which has one request under way at most.
class Answers {
 public:
  explicit Answers(std::size_t senders) : slots_(senders) {}

  /// By the sender, before it sends its request.
  void expect(std::uint32_t sender, Oneshot& answer) noexcept {
    // release by the send that follows; the receiver reads it after its receive
    slots_[sender].oneshot.store(&answer, std::memory_order_relaxed);
  }
  /// By whoever received the request.
  void give(std::uint64_t word) noexcept {
    const MessageId id = MessageId::of(word);
    if (id.sender >= slots_.size()) return;  // damaged: the ledger has it
    // relaxed: the channel has ordered it
    slots_[id.sender].oneshot.load(std::memory_order_relaxed)->set(word);
  }

 private:
  struct alignas(128) Slot {
    std::atomic<Oneshot*> oneshot{nullptr};
  };
  std::vector<Slot> slots_;
};

}  // namespace weir::scenario
