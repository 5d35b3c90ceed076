// Any number of senders and receivers: the history is cut at instants at which nothing was under
// way and the channel was empty. Each such episode stands for itself. Where no capacity was
// reached, nobody closed, all returned and stamps tell all that the program does, the rules are
// complete; the others are searched.
#include <algorithm>

#include "harness/stress/checker_case.hpp"
#include "harness/stress/checker_search.hpp"
#include "harness/stress/checker_sort.hpp"
#include "harness/stress/checker_witness.hpp"

namespace weir::stress::checker {
namespace {

constexpr std::size_t kShown = 24;        // operations of a witness
constexpr std::size_t kThinnedOut = 200;  // witnesses up to that size are made smaller one by one

class Episodes {
 public:
  explicit Episodes(Case& it) : it_(&it), message_of_(it.history.operations().size(), kNone) {
    for (Index i = 0; i < it.messages.size(); ++i) {
      message_of_[it.messages[i].send] = i;
      if (it.messages[i].take != kNone) message_of_[it.messages[i].take] = i;
    }
    for (std::size_t thread = 0; thread < it.history.threads(); ++thread) {
      thread_of_.resize(it.history.end_of(thread), static_cast<std::uint32_t>(thread));
    }
    start(false);
  }

  void run() {
    std::vector<Stamped> begins;
    for (Index i = 0; i < thread_of_.size(); ++i) {
      if (it_->act(it_->at(i)) != Act::nothing) begins.push_back({it_->at(i).invoked, i});
    }
    sort_by_stamp(begins);
    Stamp quiet_from = 0;
    bool closed = false;
    std::size_t inside = 0;
    for (const Stamped& item : begins) {
      if (item.at > quiet_from && inside == 0 && episode_.operations > 0) {
        if (!finish()) return;
        start(closed);
      }
      add(item.index);
      const Act act = it_->act(it_->at(item.index));
      if (act == Act::insert) ++inside;
      if (act == Act::take && !it_->at(item.index).pending()) --inside;
      closed = closed || act == Act::close;
      quiet_from = std::max(quiet_from, it_->at(item.index).responded);
    }
    if (episode_.operations > 0) finish();
  }

 private:
  void start(bool closed) {
    episode_ = Episode{};
    episode_.threads.resize(it_->history.threads());
    episode_.closed_before = closed;
    inserted_ = 0;
    beyond_rules_ = closed || it_->shape.overlapping > 0;
  }

  void add(Index operation) {
    episode_.threads[thread_of_[operation]].push_back(operation);
    ++episode_.operations;
    const Act act = it_->act(it_->at(operation));
    if (act == Act::insert) ++inserted_;
    const bool by_rules = act == Act::take || act == Act::see_empty || act == Act::insert;
    beyond_rules_ = beyond_rules_ || !by_rules || it_->at(operation).pending();
  }

  /// False if no order explains it.
  bool finish() {
    const bool bounded = it_->exactly_bounded() && inserted_ > it_->capacity;
    if (!beyond_rules_ && !bounded) return true;
    std::erase_if(episode_.threads, [](const auto& thread) { return thread.empty(); });
    const Verdict verdict = Search(*it_, message_of_, episode_).run();
    if (verdict == Verdict::undecided) ++it_->report.undecided;
    if (verdict == Verdict::impossible) report();
    return verdict != Verdict::impossible;
  }

  /// Operations that had begun by the limit, by their end.
  [[nodiscard]] std::vector<Stamped> begun_by(Stamp limit) const {
    std::vector<Stamped> result;
    for (const auto& thread : episode_.threads) {
      for (const Index i : thread) {
        if (it_->at(i).invoked <= limit) result.push_back({it_->at(i).responded, i});
      }
    }
    std::sort(result.begin(), result.end(), [](const Stamped& a, const Stamped& b) {
      return a.at < b.at || (a.at == b.at && a.index < b.index);
    });
    return result;
  }

  /// The earliest end of an operation by which there is no explanation any more.
  [[nodiscard]] Stamped first_unexplained() const {
    std::vector<Stamped> ends = begun_by(kNever);
    while (ends.back().at == kNever) ends.pop_back();
    const auto explained = [&](const Stamped& end) {
      return Search(*it_, message_of_, episode_).run(end.at) != Verdict::impossible;
    };
    const auto found = std::partition_point(ends.begin(), ends.end(), explained);
    return found == ends.end() ? ends.back() : *found;
  }

  /// Leaves out answers without which it is still impossible.
  void thin_out(Stamp limit) {
    for (auto& thread : episode_.threads) {
      for (std::size_t i = thread.size(); i-- > 0;) {
        const Act act = it_->act(it_->at(thread[i]));
        if (act != Act::see_full && act != Act::see_empty) continue;
        const Index removed = thread[i];
        thread.erase(thread.begin() + static_cast<std::ptrdiff_t>(i));
        if (Search(*it_, message_of_, episode_).run(limit) == Verdict::impossible) continue;
        thread.insert(thread.begin() + static_cast<std::ptrdiff_t>(i), removed);
      }
    }
  }

  void report() {
    const Stamped failed = first_unexplained();
    if (begun_by(failed.at).size() <= kThinnedOut) thin_out(failed.at);
    std::vector<Stamped> shown = begun_by(failed.at);
    const std::size_t all = shown.size();
    if (all > kShown) shown.erase(shown.begin(), shown.end() - kShown);
    std::vector<Index> witness;
    for (const Stamped& item : shown) {
      witness.push_back(item.index);
      if (it_->act(it_->at(item.index)) == Act::replace) witness.push_back(item.index + 1);
    }
    const Operation& operation = it_->at(failed.index);
    std::string words = who(operation) + " got " + std::string(answer(operation)) + " in " +
                        when(operation, origin_of(it_->history)) +
                        ", which no order of these operations explains, beginning with an empty "
                        "channel of capacity " +
                        std::to_string(it_->capacity);
    if (all > kShown) {
      words += " (the last " + std::to_string(kShown) + " of " + std::to_string(all) + " shown)";
    }
    it_->violation(Rule::exact, std::move(words), witness);
  }

  Case* it_;
  std::vector<Index> message_of_;
  std::vector<std::uint32_t> thread_of_;
  Episode episode_{};
  std::size_t inserted_ = 0;
  bool beyond_rules_ = false;
};

}  // namespace

void check_episodes(Case& it) { Episodes(it).run(); }

}  // namespace weir::stress::checker
