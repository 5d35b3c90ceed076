// Atomic objects. Stores enter the modification order as they are executed; a load may read any
// store that it could still miss: one that is older than the newest is out of reach once a later
// one was noticed by something that the load knows of. This is weaker than x86 and close to C++20:
//
// - read-write, write-read, read-read coherence; release sequences; read-modify-writes read the
//   newest store;
// - seq_cst operations are in one order, that of execution: a seq_cst load reads nothing older than
//   what an earlier one wrote or read; fences order all that comes before and after them.
//
// Not simulated: a load that reads a store of the future (load buffering), a modification order
// other than that of execution.
#include <fmt/core.h>

#include "harness/stress/explore/world.hpp"

namespace weir::explore {
namespace {

bool acquires(std::memory_order order) noexcept {
  return order != std::memory_order_relaxed && order != std::memory_order_release;
}
bool releases(std::memory_order order) noexcept {
  return order == std::memory_order_release || order == std::memory_order_acq_rel ||
         order == std::memory_order_seq_cst;
}

const char* short_name(std::memory_order order) noexcept {
  switch (order) {
    case std::memory_order_relaxed:
      return "rlx";
    case std::memory_order_acquire:
    case std::memory_order_consume:
      return "acq";
    case std::memory_order_release:
      return "rel";
    case std::memory_order_acq_rel:
      return "a/r";
    case std::memory_order_seq_cst:
      return "sc";
  }
  return "";
}

std::string place(const Where& where) {
  std::string_view file = where.file_name();
  file.remove_prefix(file.rfind('/') + 1);
  return fmt::format("  {}:{}", file.substr(0, file.rfind('.')), where.line());
}

}  // namespace

void World::make(Word& word, std::uint64_t value) noexcept {
  word.initial = value;
  if (the_ == nullptr || !the_->running_) return;
  word.maker = static_cast<std::uint8_t>(the_->current_);
  word.born = the_->self().known.before.at[the_->current_];
}

void World::bury(const Word& word) noexcept {
  if (the_ == nullptr || !the_->running_ || the_->alone()) return;
  const OwnMemory own;
  Location& location = the_->at(word);
  if (!the_->self().known.before.covers(location.used)) {
    the_->end(Trouble::race, "an atomic object is destroyed while somebody may still use it");
  }
  location.dead = true;
}

Location& World::enter_location(const Word& word) {
  if (used_locations_ == locations_.size()) locations_.emplace_back();
  word.location = static_cast<std::uint32_t>(used_locations_++);
  word.run = run_;
  Location& location = locations_[word.location];
  location.address = &word;
  location.history.clear();
  location.used = {};
  location.dead = false;
  Stored first;
  first.value = word.initial;
  first.noticed.at[word.maker] = word.born;
  first.id = mix(reinterpret_cast<std::uintptr_t>(&word), word.initial);
  location.history.push_back(first);
  location.hash = 0;  // it is there, whether or not anybody looked yet
  return location;
}

Location& World::at(const Word& word) {
  Location& location = word.run == run_ ? locations_[word.location] : enter_location(word);
  if (location.dead) end(Trouble::dead_object, "an atomic object is used after it was destroyed");
  if (word.born > self().known.before.at[word.maker]) {
    end(Trouble::race, "an atomic object is used by a role that may not see it made");
  }
  tick();
  location.used.at[current_] = self().known.before.at[current_];
  return location;
}

std::size_t World::oldest(const Location& location, bool seq_cst) const noexcept {
  Clocks seen = roles_[current_].known.seen;
  if (seq_cst) {
    seen.join(heavy_fences_);
    seen.at[kSeqCst] = seq_cst_;
  }
  std::size_t index = location.history.size() - 1;
  while (index > 0 && !seen.reaches_any(location.history[index].noticed)) --index;
  return index;
}

/// How many stores back a load may read. Few are enough to show that it matters.
void World::offer_stores(const Location& location, bool seq_cst) {
  constexpr std::size_t kMost = 4;
  options_.clear();
  options_.push_back({.what = 0});
  if (self().fresh_at == changes_ || alone()) return;
  const std::size_t reach = location.history.size() - oldest(location, seq_cst);
  for (std::size_t back = 1; back < std::min(reach, kMost); ++back) {
    options_.push_back({.what = static_cast<std::uint8_t>(back), .stale = 1});
  }
}

/// Reads the store with that index.
std::uint64_t World::observe(Location& location, std::size_t index, std::memory_order order) {
  Stored& stored = location.history[index];
  Knowledge& known = self().known;
  std::uint32_t& noticed = stored.noticed.at[current_];
  noticed = std::min(noticed, known.before.at[current_]);
  if (order == std::memory_order_seq_cst) {
    std::uint32_t& ordered = stored.noticed.at[kSeqCst];
    ordered = std::min(ordered, ++seq_cst_);
  }
  if (acquires(order)) known.join(stored.known);
  if (index + 1 < location.history.size()) read_stale_ = true;
  remember(stored.id);
  return stored.value;
}

/// `modifies`: a read-modify-write, which goes on with the release sequence of what it read.
void World::append(Location& location, std::uint64_t value, std::memory_order order,
                   bool modifies) {
  Stored stored;
  stored.value = value;
  if (releases(order)) stored.known = self().known;
  if (modifies) stored.known.join(location.history.back().known);
  stored.noticed.at[current_] = self().known.before.at[current_];
  if (order == std::memory_order_seq_cst) stored.noticed.at[kSeqCst] = ++seq_cst_;
  remember(mix(reinterpret_cast<std::uintptr_t>(location.address), value));
  stored.id = self().past;
  location.history.push_back(stored);
  pass_through(location.hash);
  changed();
}

std::uint64_t World::load(const Word& word, std::memory_order order, const Where& where) {
  const OwnMemory own;
  step();
  Location& location = at(word);
  offer_stores(location, order == std::memory_order_seq_cst);
  const std::size_t back = options_.size() > 1 ? decide(Choice::store) : 0;
  const std::uint64_t value = observe(location, location.history.size() - 1 - back, order);
  if (traced_) {
    note(fmt::format("{} = {}{} {}{}", label(&word), value,
                     back > 0 ? fmt::format(" STALE, is {}", location.history.back().value) : "",
                     short_name(order), place(where)));
  }
  return value;
}

void World::store(Word& word, std::uint64_t value, std::memory_order order, const Where& where) {
  const OwnMemory own;
  step();
  append(at(word), value, order, false);
  if (traced_) {
    note(fmt::format("{} := {} {}{}", label(&word), value, short_name(order), place(where)));
  }
}

template <class Change>
std::uint64_t World::modify(Word& word, std::memory_order order, const Where& where,
                            const char* verb, const Change& change) {
  const OwnMemory own;
  step();
  Location& location = at(word);
  const std::uint64_t found = observe(location, location.history.size() - 1, order);
  append(location, change(found), order, true);
  if (traced_) {
    note(fmt::format("{} {} {} -> {} {}{}", label(&word), verb, found,
                     location.history.back().value, short_name(order), place(where)));
  }
  return found;
}

std::uint64_t World::add(Word& word, std::uint64_t by, std::uint64_t mask, std::memory_order order,
                         const Where& where) {
  return modify(word, order, where, "add", [=](std::uint64_t old) { return (old + by) & mask; });
}

std::uint64_t World::set_bits(Word& word, std::uint64_t bits, std::memory_order order,
                              const Where& where) {
  return modify(word, order, where, "or", [=](std::uint64_t old) { return old | bits; });
}

std::uint64_t World::exchange(Word& word, std::uint64_t value, std::memory_order order,
                              const Where& where) {
  return modify(word, order, where, "xchg", [=](std::uint64_t) { return value; });
}

bool World::compare_exchange(Word& word, std::uint64_t& expected, std::uint64_t desired,
                             std::memory_order success, std::memory_order failure,
                             const Where& where) {
  constexpr std::uint8_t kForNothing = 255;
  const OwnMemory own;
  step();
  Location& location = at(word);
  const std::size_t newest = location.history.size() - 1;
  offer_stores(location, failure == std::memory_order_seq_cst);
  // To fail it must read another value than the expected one, or fail for nothing.
  const std::uint64_t wanted = expected;
  std::erase_if(options_, [&](const Option& option) {
    return option.what > 0 && location.history[newest - option.what].value == wanted;
  });
  const bool equal = location.history[newest].value == wanted;
  if (equal && !alone()) options_.push_back({.what = kForNothing, .surprises = 1});
  const std::size_t back = options_.size() > 1 ? decide(Choice::store) : 0;
  const bool exchanged = equal && back == 0;
  if (exchanged) {
    observe(location, newest, success);
    append(location, desired, success, true);
  } else {
    expected = observe(location, back == kForNothing ? newest : newest - back, failure);
    remember(back == kForNothing ? 1 : 0);
  }
  if (traced_) {
    note(exchanged ? fmt::format("{} cas {} -> {} {}{}", label(&word), wanted, desired,
                                 short_name(success), place(where))
                   : fmt::format("{} cas {} fails{}, is {} {}{}", label(&word), wanted,
                                 back == kForNothing ? " for nothing" : "", expected,
                                 short_name(failure), place(where)));
  }
  return exchanged;
}

void World::wait_while(const Word& word, std::uint64_t old, std::memory_order order,
                       const Where& where) {
  const OwnMemory own;
  while (load(word, order, where) == old) {
    // As the futex below it compares: with what is there now.
    if (locations_[word.location].history.back().value != old) continue;
    sleep(Sleep::wake, &word, nullptr);
  }
}

void World::notify(const Word& word, std::size_t count, const Where& where) {
  const OwnMemory own;
  step();
  tick();
  if (traced_) note(fmt::format("notify {}{}", label(&word), place(where)));
  wake(&word, count);
}

World::Woke World::futex_wait(const Word& word, std::uint64_t expected, const Deadline* deadline,
                              const Where& where) {
  const OwnMemory own;
  step();
  Location& location = at(word);
  const Stored& newest = location.history.back();  // the kernel compares under its lock
  remember(newest.id);
  if (traced_) note(fmt::format("futex_wait {} {}{}", label(&word), expected, place(where)));
  if (deadline != nullptr && now_ >= *deadline) return Woke::timed_out;
  if (newest.value != expected) return Woke::differs;
  if (surprise()) return Woke::woken;  // a signal
  return sleep(Sleep::wake, &word, deadline) ? Woke::woken : Woke::timed_out;
}

void World::futex_wake(const Word& word, std::size_t count, const Where& where) {
  const OwnMemory own;
  step();
  tick();
  if (traced_) note(fmt::format("futex_wake {}{}", label(&word), place(where)));
  wake(&word, count);
}

}  // namespace weir::explore
