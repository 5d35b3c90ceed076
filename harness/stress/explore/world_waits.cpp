// Plain cells, locks, conditions, permits and the asymmetric fence.
#include <fmt/core.h>

#include "harness/stress/explore/world.hpp"

namespace weir::explore {

void World::use(Plain& cell, Use use) {
  const OwnMemory own;
  tick();
  const Clocks& before = self().known.before;
  const char* const verb = use == Use::put    ? "puts a message into a slot"
                           : use == Use::take ? "takes a message out of a slot"
                                              : "drops a message";
  if (traced_) {
    note(fmt::format("{} {}",
                     use == Use::put    ? "put"
                     : use == Use::take ? "take"
                                        : "drop",
                     label(&cell)));
  }
  if (before.at[cell.role] < cell.clock) {
    end(Trouble::race, fmt::format("{} {}, and nothing orders that after what {} did with it",
                                   self().name, verb, roles_[cell.role].name));
  }
  if (cell.holds == (use == Use::put)) {
    end(Trouble::slot, fmt::format("{} {}, which {}", self().name, verb,
                                   cell.holds ? "holds one already" : "holds none"));
  }
  cell = {before.at[current_], static_cast<std::uint8_t>(current_), use == Use::put};
}

void World::look(const Plain& cell) {
  const OwnMemory own;
  if (self().known.before.at[cell.role] < cell.clock) {
    end(Trouble::race, fmt::format("{} was told closed, and need not see what {} did before that",
                                   self().name, roles_[cell.role].name));
  }
}

void World::lock(Lockable& mutex) {
  const OwnMemory own;
  step();
  while (mutex.owner >= 0) sleep(Sleep::lock, &mutex, nullptr);
  mutex.owner = static_cast<int>(current_);
  tick();
  self().known.join(mutex.known);
  pass_through(mutex.hash);
  if (traced_) note(fmt::format("lock {}", label(&mutex)));
}

/// Not a step: nobody can tell whether it came before or after the role's next one.
void World::unlock(Lockable& mutex) noexcept {
  const OwnMemory own;
  if (traced_) note(fmt::format("unlock {}", label(&mutex)));
  mutex.owner = -1;
  mutex.known = self().known;
  for (std::size_t i = 0; i < started_; ++i) {
    if (roles_[i].state == State::waiting && roles_[i].waits_for == &mutex) {
      roles_[i].state = State::ready;  // whoever is first gets it
      roles_[i].sleep = Sleep::none;
    }
  }
  changed();
}

bool World::wait(const void* condition, Lockable& mutex, const Deadline* deadline) {
  const OwnMemory own;
  step();
  if (traced_) note(fmt::format("wait {}", label(condition)));
  const bool expired = deadline != nullptr && now_ >= *deadline;
  const bool early = !expired && surprise();
  unlock(mutex);
  const bool in_time = !expired && (early || sleep(Sleep::wake, condition, deadline));
  lock(mutex);
  return in_time;
}

void World::notify(const void* condition, std::size_t count) {
  const OwnMemory own;
  step();
  tick();
  if (traced_) note(fmt::format("notify {}", label(condition)));
  wake(condition, count);
}

bool World::acquire(Countable& permits, bool wait, const Deadline* deadline) {
  const OwnMemory own;
  step();
  while (permits.count == 0) {
    const bool expired = deadline != nullptr && now_ >= *deadline;
    const bool taken = wait && !expired && sleep(Sleep::wake, &permits, deadline);
    if (!taken) {
      remember(permits.hash);
      if (traced_) note(fmt::format("no permit of {}", label(&permits)));
      return false;
    }
  }
  --permits.count;
  tick();
  self().known.join(permits.known);
  pass_through(permits.hash);
  if (traced_) note(fmt::format("acquire {}", label(&permits)));
  return true;
}

void World::release(Countable& permits) {
  const OwnMemory own;
  step();
  tick();
  if (traced_) note(fmt::format("release {}", label(&permits)));
  ++permits.count;
  permits.known.join(self().known);
  pass_through(permits.hash);
  changed();
  wake(&permits, 1);
}

/// As in P1202: a light and a heavy fence are ordered as two seq_cst fences would be; two light
/// ones are not.
void World::light_fence() {
  const OwnMemory own;
  step();
  if (traced_) note("light fence");
  light_fences_.join(self().known.seen);
  self().known.seen.join(heavy_fences_);
  remember(fence_hash_);
  fence_hash_ = mix(fence_hash_, self().past);
}

void World::heavy_fence() {
  const OwnMemory own;
  step();
  if (traced_) note("heavy fence");
  Clocks& seen = self().known.seen;
  seen.join(light_fences_);
  seen.join(heavy_fences_);
  seen.at[kSeqCst] = seq_cst_;
  heavy_fences_.join(seen);
  remember(fence_hash_ + memory_hash_);
  fence_hash_ = mix(fence_hash_, self().past);
}

}  // namespace weir::explore
