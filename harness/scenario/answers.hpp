// Where the answers to the requests of a scenario go.
#pragma once

#include <atomic>
#include <cstdint>
#include <utility>
#include <vector>

#include "channels/oneshot.hpp"
#include "harness/message.hpp"

namespace weir::scenario {

/// What comes back for a request: its own word.
using Reply = Oneshot<std::uint64_t>;

/// A slot for each sender, which has one request under way at most.
class Answers {
 public:
  explicit Answers(std::size_t senders) : slots_(senders) {}

  /// By the sender, before it sends its request.
  void expect(std::uint32_t sender, Reply& answer) noexcept {
    // release by the send that follows; the receiver reads it after its receive
    slots_[sender].oneshot.store(&answer, std::memory_order_relaxed);
  }
  /// By whoever received the request.
  void give(std::uint64_t word) noexcept {
    const MessageId id = MessageId::of(word);
    if (id.sender >= slots_.size()) return;  // damaged: the ledger has it
    // relaxed: the channel has ordered it
    slots_[id.sender].oneshot.load(std::memory_order_relaxed)->send(std::move(word));
  }

 private:
  struct alignas(128) Slot {
    std::atomic<Reply*> oneshot{nullptr};
  };
  std::vector<Slot> slots_;
};

}  // namespace weir::scenario
