// Verification of a trial: which messages arrived, which are missing, doubled or out of order. One
// Ledger a receiving role, written only by it; judge() puts them together after all have joined.
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "channels/contract.hpp"
#include "harness/message.hpp"
#include "harness/system.hpp"

namespace weir {

/// What a sole in-order receiver can be held to, and what needs a bit per message.
enum class Bookkeeping {
  in_order,  ///< one receiver, per-sender order promised: the next sequence number of each sender
             ///< is known
  by_bit     ///< several receivers, eviction, or no order: one bit a message and receiver
};

class Ledger {
 public:
  /// `ordered`: per-sender order is promised.
  Ledger(int senders, Bookkeeping bookkeeping, bool ordered);

  /// Notes the arrival of a message. A few instructions while all is well.
  void record(MessageId id) noexcept {
    if (id.sender >= next_.size()) [[unlikely]]
      return note_foreign();
    std::uint64_t& next = next_[id.sender];
    if (bookkeeping_ == Bookkeeping::in_order) {
      if (id.sequence == next) [[likely]] {
        ++next;
      } else {
        note_jump(id);
      }
      return;
    }
    if (id.sequence >= kMaxSequence) [[unlikely]]
      return note_foreign();
    auto* const words = static_cast<std::uint64_t*>(bits_[id.sender].data());
    std::uint64_t& word = words[id.sequence / 64];
    const std::uint64_t bit = std::uint64_t{1} << (id.sequence % 64);
    if ((word & bit) != 0) [[unlikely]]
      note_repeat(id);
    word |= bit;
    if (id.sequence >= next) [[likely]] {
      next = id.sequence + 1;
    } else if (ordered_) {
      note_late(id);
    }
  }

  /// Notes a message whose bytes are not those that were sent.
  void record_damage(std::uint64_t word) noexcept;

 private:
  friend class Judgement;

  /// What was jumped over and has not come: first to last, by sender and first.
  using Gaps = std::map<std::pair<std::uint32_t, std::uint64_t>, std::uint64_t>;
  struct Example {
    MessageId id;
    std::uint64_t count = 0;
  };

  static constexpr std::uint64_t kMaxSequence = std::uint64_t{1} << 32;

  void note_jump(MessageId id) noexcept;
  void note_repeat(MessageId id) noexcept;
  void note_late(MessageId id) noexcept;
  void note_foreign() noexcept { ++foreign_; }

  Bookkeeping bookkeeping_;
  bool ordered_;
  std::vector<std::uint64_t> next_;  // by sender: one more than the highest that arrived
  std::vector<sys::Pages> bits_;     // by sender
  Gaps gaps_;  // in_order; allocates, but only when the trial has failed already
  Example repeat_;
  Example late_;
  Example damage_;
  std::uint64_t foreign_ = 0;
};

/// The result of a verification. `failure` is empty when every accepted message arrived once, in
/// the order promised.
struct Verdict {
  std::string failure;  ///< loss, duplicate, order, corrupt
  std::string reason;   ///< one line, with the messages named
  std::uint64_t lost = 0;
  std::uint64_t duplicated = 0;
};

/// `accepted[s]` messages of sender s, numbered from 0, were accepted.
Verdict judge(const std::vector<const Ledger*>& ledgers,
              const std::vector<std::uint64_t>& accepted);

}  // namespace weir
