#include "harness/ledger.hpp"

#include <algorithm>
#include <bit>

namespace weir {
namespace {

constexpr std::size_t kNamed = 4;  // that many messages are named, the rest counted

std::string name_of(std::uint32_t sender, std::uint64_t sequence) {
  return "message " + std::to_string(sequence) + " of sender " + std::to_string(sender);
}

std::string times(std::uint64_t count) {
  return count == 1 ? "" : " (" + std::to_string(count) + " such messages)";
}

/// Collects names of messages, and counts those beyond the first few.
class Naming {
 public:
  void add(std::uint32_t sender, std::uint64_t first, std::uint64_t last) {
    const std::uint64_t count = last - first + 1;
    if (named_++ < kNamed) {
      if (!text_.empty()) text_ += ", ";
      text_ += count == 1 ? name_of(sender, first)
                          : "messages " + std::to_string(first) + " to " + std::to_string(last) +
                                " of sender " + std::to_string(sender);
    }
    total_ += count;
  }
  [[nodiscard]] std::uint64_t total() const { return total_; }
  [[nodiscard]] std::string text() const { return named_ > kNamed ? text_ + ", ..." : text_; }

 private:
  std::string text_;
  std::size_t named_ = 0;
  std::uint64_t total_ = 0;
};

}  // namespace

Ledger::Ledger(int senders, Bookkeeping bookkeeping, bool ordered)
    : bookkeeping_(bookkeeping), ordered_(ordered), next_(static_cast<std::size_t>(senders), 0) {
  if (bookkeeping == Bookkeeping::by_bit) {
    for (int i = 0; i < senders; ++i) bits_.emplace_back(kMaxSequence / 8);
  }
}

void Ledger::note_repeat(MessageId id) noexcept {
  if (repeat_.count++ == 0) repeat_.id = id;
}

void Ledger::note_late(MessageId id) noexcept {
  if (late_.count++ == 0) late_.id = id;
}

void Ledger::record_damage(std::uint64_t word) noexcept {
  if (damage_.count++ == 0) damage_.id = MessageId::of(word);
}

void Ledger::note_jump(MessageId id) noexcept {
  std::uint64_t& next = next_[id.sender];
  if (id.sequence > next) {
    gaps_[{id.sender, next}] = id.sequence - 1;
    next = id.sequence + 1;
    return;
  }
  // The gap that holds it, if any, is the last one that begins at or before it.
  auto gap = gaps_.upper_bound({id.sender, id.sequence});
  if (gap == gaps_.begin()) return note_repeat(id);
  --gap;
  const std::uint64_t first = gap->first.second;
  const std::uint64_t last = gap->second;
  if (gap->first.first != id.sender || last < id.sequence) return note_repeat(id);
  note_late(id);
  gaps_.erase(gap);
  if (first < id.sequence) gaps_[{id.sender, first}] = id.sequence - 1;
  if (id.sequence < last) gaps_[{id.sender, id.sequence + 1}] = last;
}

/// Collects what a judgement is made of, sender by sender.
class Judgement {
 public:
  explicit Judgement(const std::vector<const Ledger*>& ledgers) : ledgers_(ledgers) {
    for (const Ledger* ledger : ledgers) {
      add(repeat, ledger->repeat_);
      add(late, ledger->late_);
      add(damage, ledger->damage_);
      foreign += ledger->foreign_;
    }
  }

  /// Messages 0 to `accepted` - 1 of the sender were accepted.
  void look_at(std::uint32_t sender, std::uint64_t accepted) {
    if (ledgers_.front()->bookkeeping_ == Bookkeeping::in_order) {
      look_at_gaps(*ledgers_.front(), sender, accepted);
    } else {
      look_at_bits(sender, accepted);
    }
  }

  Naming lost;
  Naming invented;
  Ledger::Example repeat;
  Ledger::Example late;
  Ledger::Example damage;
  std::uint64_t foreign = 0;

 private:
  static void add(Ledger::Example& sum, const Ledger::Example& one) {
    if (sum.count == 0) sum.id = one.id;
    sum.count += one.count;
  }

  /// What lies between the gaps arrived; there is one ledger.
  void look_at_gaps(const Ledger& ledger, std::uint32_t sender, std::uint64_t accepted) {
    std::uint64_t next = 0;
    const auto arrived_until = [&](std::uint64_t end) {
      if (end > std::max(next, accepted)) invented.add(sender, std::max(next, accepted), end - 1);
    };
    for (auto gap = ledger.gaps_.lower_bound({sender, 0});
         gap != ledger.gaps_.end() && gap->first.first == sender; ++gap) {
      const auto [first, last] = std::pair(gap->first.second, gap->second);
      arrived_until(first);
      if (first < accepted) lost.add(sender, first, std::min(last, accepted - 1));
      next = last + 1;
    }
    const std::uint64_t reached = ledger.next_[sender];
    arrived_until(reached);
    if (reached < accepted) lost.add(sender, reached, accepted - 1);
  }

  void look_at_bits(std::uint32_t sender, std::uint64_t accepted) {
    std::uint64_t end = accepted;
    for (const Ledger* ledger : ledgers_) end = std::max(end, ledger->next_[sender]);
    for (std::uint64_t base = 0; base < end; base += 64) {
      std::uint64_t seen = 0;
      for (const Ledger* ledger : ledgers_) {
        const std::uint64_t word =
            static_cast<const std::uint64_t*>(ledger->bits_[sender].data())[base / 64];
        if ((seen & word) != 0) {
          const auto first = static_cast<std::uint64_t>(std::countr_zero(seen & word));
          const auto count = static_cast<std::uint64_t>(std::popcount(seen & word));
          add(repeat, {{sender, base + first}, count});
        }
        seen |= word;
      }
      name_bits(lost, sender, base, wanted(base, accepted) & ~seen);
      name_bits(invented, sender, base, seen & ~wanted(base, accepted));
    }
  }

  /// The bits of the word at `base` that stand for accepted messages.
  static std::uint64_t wanted(std::uint64_t base, std::uint64_t accepted) {
    if (accepted <= base) return 0;
    return accepted - base >= 64 ? ~std::uint64_t{0} : (std::uint64_t{1} << (accepted - base)) - 1;
  }

  static void name_bits(Naming& naming, std::uint32_t sender, std::uint64_t base,
                        std::uint64_t bits) {
    for (; bits != 0; bits &= bits - 1) {
      const std::uint64_t sequence = base + static_cast<std::uint64_t>(std::countr_zero(bits));
      naming.add(sender, sequence, sequence);
    }
  }

  const std::vector<const Ledger*>& ledgers_;
};

Verdict judge(const std::vector<const Ledger*>& ledgers,
              const std::vector<std::uint64_t>& accepted) {
  Judgement found(ledgers);
  for (std::uint32_t sender = 0; sender < accepted.size(); ++sender) {
    found.look_at(sender, accepted[sender]);
  }
  Verdict verdict;
  verdict.lost = found.lost.total();
  verdict.duplicated = found.repeat.count;
  const auto blame = [&](std::string failure, std::string reason) {
    verdict.failure = std::move(failure);
    verdict.reason = std::move(reason);
  };
  if (found.damage.count > 0) {
    blame("corrupt", "bytes of " + name_of(found.damage.id.sender, found.damage.id.sequence) +
                         " changed" + times(found.damage.count));
  } else if (found.foreign > 0) {
    blame("corrupt",
          std::to_string(found.foreign) + " received messages were never sent by anyone");
  } else if (found.invented.total() > 0) {
    blame("corrupt", "received " + found.invented.text() + ", which no send had accepted");
  } else if (found.lost.total() > 0) {
    blame("loss", "lost " + std::to_string(found.lost.total()) + " accepted: " + found.lost.text());
  } else if (found.repeat.count > 0) {
    blame("duplicate", name_of(found.repeat.id.sender, found.repeat.id.sequence) +
                           " arrived twice" + times(found.repeat.count));
  } else if (found.late.count > 0) {
    blame("order", name_of(found.late.id.sender, found.late.id.sequence) +
                       " arrived after a later one of the same sender" + times(found.late.count));
  }
  return verdict;
}

}  // namespace weir
