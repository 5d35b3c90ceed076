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
  } else {
    gaps_.reserve(kMaxGaps);
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
    if (gaps_.size() < kMaxGaps) {
      gaps_.push_back({id.sender, next, id.sequence - 1});
    } else {
      gaps_overflowed_ = true;
    }
    next = id.sequence + 1;
    return;
  }
  const auto holds = [&](const Gap& gap) {
    return gap.sender == id.sender && gap.first <= id.sequence && id.sequence <= gap.last;
  };
  const auto gap = std::find_if(gaps_.begin(), gaps_.end(), holds);
  if (gap == gaps_.end()) {
    // With more gaps than we keep, it may also be one of those that came late.
    if (gaps_overflowed_) {
      note_late(id);
    } else {
      note_repeat(id);
    }
    return;
  }
  note_late(id);
  const std::uint64_t last = gap->last;
  gap->last = id.sequence - 1;  // the part before; the part after becomes a gap of its own
  if (id.sequence < last && gaps_.size() < kMaxGaps)
    gaps_.push_back({id.sender, id.sequence + 1, last});
  if (gap->first > gap->last || id.sequence == 0) gaps_.erase(gap);
}

Verdict judge(const std::vector<const Ledger*>& ledgers,
              const std::vector<std::uint64_t>& accepted) {
  Naming lost;
  Naming invented;
  Ledger::Example repeat;
  Ledger::Example late;
  Ledger::Example damage;
  std::uint64_t foreign = 0;
  bool at_least = false;
  const auto add = [](Ledger::Example& sum, const Ledger::Example& one) {
    if (sum.count == 0) sum.id = one.id;
    sum.count += one.count;
  };
  for (const Ledger* ledger : ledgers) {
    add(repeat, ledger->repeat_);
    add(late, ledger->late_);
    add(damage, ledger->damage_);
    foreign += ledger->foreign_;
    at_least = at_least || ledger->gaps_overflowed_;
    for (const Ledger::Gap& gap : ledger->gaps_) lost.add(gap.sender, gap.first, gap.last);
  }
  for (std::uint32_t sender = 0; sender < accepted.size(); ++sender) {
    const std::uint64_t count = accepted[sender];
    std::uint64_t reached = 0;
    for (const Ledger* ledger : ledgers) reached = std::max(reached, ledger->next_[sender]);
    if (reached > count) invented.add(sender, count, reached - 1);
    if (ledgers.front()->bookkeeping_ == Bookkeeping::in_order) {
      if (reached < count) lost.add(sender, reached, count - 1);
      continue;
    }
    for (std::uint64_t base = 0; base < count; base += 64) {
      std::uint64_t seen = 0;
      for (const Ledger* ledger : ledgers) {
        const std::uint64_t word =
            static_cast<const std::uint64_t*>(ledger->bits_[sender].data())[base / 64];
        if ((seen & word) != 0) {
          add(repeat, {{sender, base + static_cast<std::uint64_t>(std::countr_zero(seen & word))},
                       static_cast<std::uint64_t>(std::popcount(seen & word))});
        }
        seen |= word;
      }
      const std::uint64_t wanted =
          count - base >= 64 ? ~std::uint64_t{0} : (std::uint64_t{1} << (count - base)) - 1;
      for (std::uint64_t missing = wanted & ~seen; missing != 0; missing &= missing - 1) {
        const std::uint64_t sequence = base + static_cast<std::uint64_t>(std::countr_zero(missing));
        lost.add(sender, sequence, sequence);
      }
    }
  }

  Verdict verdict;
  verdict.lost = lost.total();
  verdict.duplicated = repeat.count;
  const auto blame = [&](std::string failure, std::string reason) {
    verdict.failure = std::move(failure);
    verdict.reason = std::move(reason);
  };
  if (damage.count > 0) {
    blame("corrupt", "bytes of " + name_of(damage.id.sender, damage.id.sequence) + " changed" +
                         times(damage.count));
  } else if (foreign > 0) {
    blame("corrupt", std::to_string(foreign) + " received messages were never sent by anyone");
  } else if (invented.total() > 0) {
    blame("corrupt", "received " + invented.text() + ", which no send had accepted");
  } else if (lost.total() > 0) {
    blame("loss", "lost " + std::string(at_least ? "at least " : "") +
                      std::to_string(lost.total()) + " accepted: " + lost.text());
  } else if (repeat.count > 0) {
    blame("duplicate",
          name_of(repeat.id.sender, repeat.id.sequence) + " arrived twice" + times(repeat.count));
  } else if (late.count > 0) {
    blame("order", name_of(late.id.sender, late.id.sequence) +
                       " arrived after a later one of the same sender" + times(late.count));
  }
  return verdict;
}

}  // namespace weir
