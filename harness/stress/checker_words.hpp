// Finds a message by its word: a table for each sender whose sequence numbers are dense, as they
// normally are, and a hash map for what else a test or a faulty channel may bring.
#pragma once

#include <algorithm>
#include <cstdint>
#include <unordered_map>
#include <vector>

#include "harness/stress/checker_case.hpp"

namespace weir::stress::checker {

class WordIndex {
 public:
  /// First for each word that will be inserted.
  void expect(std::uint64_t word) {
    const std::size_t sender = word >> MessageId::kSequenceBits;
    if (sender >= senders_.size()) senders_.resize(sender + 1);
    ++senders_[sender].count;
    senders_[sender].end = std::max(senders_[sender].end, sequence_of(word) + 1);
  }

  /// Then the words. False if it is there already.
  bool insert(std::uint64_t word, Index message) {
    Sender& sender = senders_[word >> MessageId::kSequenceBits];
    if (!sender.dense()) return sparse_.emplace(word, message).second;
    if (sender.messages.empty()) sender.messages.assign(sender.end, kNone);
    Index& place = sender.messages[sequence_of(word)];
    if (place != kNone) return false;
    place = message;
    return true;
  }

  /// kNone if it was never inserted.
  [[nodiscard]] Index find(std::uint64_t word) const {
    const std::size_t number = word >> MessageId::kSequenceBits;
    if (number >= senders_.size()) return kNone;
    const Sender& sender = senders_[number];
    if (sender.dense()) {
      const std::uint64_t sequence = sequence_of(word);
      return sequence < sender.messages.size() ? sender.messages[sequence] : kNone;
    }
    const auto found = sparse_.find(word);
    return found == sparse_.end() ? kNone : found->second;
  }

 private:
  struct Sender {
    std::uint64_t count = 0;
    std::uint64_t end = 0;  // one more than the largest sequence number
    std::vector<Index> messages{};
    [[nodiscard]] bool dense() const noexcept { return end <= 4 * count + 1024; }
  };

  static std::uint64_t sequence_of(std::uint64_t word) noexcept {
    return word & ((std::uint64_t{1} << MessageId::kSequenceBits) - 1);
  }

  std::vector<Sender> senders_;
  std::unordered_map<std::uint64_t, Index> sparse_;
};

}  // namespace weir::stress::checker
