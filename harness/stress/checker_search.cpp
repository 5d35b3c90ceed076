#include "harness/stress/checker_search.hpp"

#include <algorithm>
#include <bit>

namespace weir::stress::checker {
namespace {

constexpr std::size_t kMostBytes = std::size_t{256} << 20;  // of hopeless configurations
constexpr std::size_t kStepsBeside = 100'000;

constexpr std::uint64_t bit_of(std::size_t thread) noexcept { return std::uint64_t{1} << thread; }
constexpr std::size_t first_of(std::uint64_t threads) noexcept {
  return static_cast<std::size_t>(std::countr_zero(threads));
}

}  // namespace

Verdict Search::run(Stamp limit) {
  if (episode_->threads.size() > kMostThreads) return Verdict::undecided;
  limit_ = limit;
  for (const bool next_taken_first : {true, false}) {
    next_taken_first_ = next_taken_first;
    const Verdict verdict = attempt();
    if (verdict != Verdict::undecided) return verdict;
  }
  return Verdict::undecided;
}

Verdict Search::attempt() {
  position_.assign(episode_->threads.size(), 0);
  inside_.clear();
  closed_ = episode_->closed_before;
  trail_.clear();
  frames_.clear();
  hopeless_.clear();
  hopeless_bytes_ = 0;
  std::size_t steps = it_->options.search_steps_per_operation * episode_->operations + kStepsBeside;
  enter(0);
  while (!finished()) {
    Frame& frame = frames_.back();
    if (frame.untried == 0) {
      hopeless_bytes_ += hopeless_.insert(configuration()).first->size() + 64;
      if (hopeless_bytes_ > kMostBytes) return Verdict::undecided;
      go_back(frame.trail);
      frames_.pop_back();
      if (frames_.empty()) return Verdict::impossible;
      continue;
    }
    if (steps-- == 0) return Verdict::undecided;
    const std::size_t thread = preferred(frame.untried);
    frame.untried &= ~bit_of(thread);
    const std::size_t trail = trail_.size();
    step(thread);
    enter(trail);
  }
  return Verdict::explained;
}

bool Search::finished() const noexcept {
  for (std::size_t thread = 0; thread < position_.size(); ++thread) {
    if (required(next_of(thread))) return false;
  }
  return true;
}

Search::Threads Search::first_ones() const noexcept {
  Stamp over = kNever;
  for (std::size_t thread = 0; thread < position_.size(); ++thread) {
    const Index next = next_of(thread);
    if (required(next)) over = std::min(over, it_->at(next).responded);
  }
  Threads threads = 0;
  for (std::size_t thread = 0; thread < position_.size(); ++thread) {
    const Index next = next_of(thread);
    if (next != kNone && it_->at(next).invoked <= over) threads |= bit_of(thread);
  }
  return threads;
}

/// Settles what is true anyway, and finds the ways on from here.
void Search::enter(std::size_t trail) {
  settle();
  Threads untried = 0;
  if (hopeless_.empty() || hopeless_.count(configuration()) == 0) {
    for (Threads left = first_ones(); left != 0; left &= left - 1) {
      if (possible(first_of(left))) untried |= bit_of(first_of(left));
    }
  }
  frames_.push_back({trail, untried});
}

void Search::settle() {
  for (bool settled = true; settled;) {
    settled = false;
    for (Threads left = first_ones(); left != 0; left &= left - 1) {
      const std::size_t thread = first_of(left);
      if (!holds(it_->act(it_->at(next_of(thread))))) continue;
      step(thread);
      settled = true;
    }
  }
}

/// Which of the ways on to try first; only the time depends on it. If an answer waits to become
/// true and what is under way can make it so, that comes first: for `full` sends, for `empty`
/// receives. Else what must end first. Of the sends, the one whose message is taken first, which is
/// the better choice of two that each fail sometimes.
std::size_t Search::preferred(Threads ways) const noexcept {
  const Wish wish = wish_of();
  std::size_t best = first_of(ways);
  for (Threads left = ways & (ways - 1); left != 0; left &= left - 1) {
    if (better(first_of(left), best, wish)) best = first_of(left);
  }
  if (!puts(next_of(best)) || !next_taken_first_) return best;
  for (Threads left = ways; left != 0; left &= left - 1) {
    const std::size_t thread = first_of(left);
    if (puts(next_of(thread)) && taken_by(thread) < taken_by(best)) best = thread;
  }
  return best;
}

/// What the answer that must come true first needs, if what is under way may be enough for it.
Search::Wish Search::wish_of() const noexcept {
  std::size_t sends = 0;
  std::size_t receives = 0;
  Index waiting = kNone;
  for (Threads left = first_ones(); left != 0; left &= left - 1) {
    const Index next = next_of(first_of(left));
    const Act act = it_->act(it_->at(next));
    if (act == Act::insert) ++sends;
    if (act == Act::take) ++receives;
    if (act != Act::see_full && act != Act::see_empty) continue;
    if (waiting == kNone || it_->at(next).responded < it_->at(waiting).responded) waiting = next;
  }
  if (waiting == kNone) return Wish::none;
  if (it_->act(it_->at(waiting)) == Act::see_full) {
    return inside_.size() + sends >= it_->capacity ? Wish::full : Wish::none;
  }
  return inside_.size() <= receives ? Wish::empty : Wish::none;
}

bool Search::better(std::size_t thread, std::size_t than, Wish wish) const noexcept {
  const Index one = next_of(thread);
  const Index other = next_of(than);
  if (wish != Wish::none && puts(one) != puts(other)) return puts(one) == (wish == Wish::full);
  return it_->at(one).responded < it_->at(other).responded;
}

Stamp Search::taken_by(std::size_t thread) const noexcept {
  return it_->take_end(it_->messages[(*message_of_)[next_of(thread)]]);
}

}  // namespace weir::stress::checker
