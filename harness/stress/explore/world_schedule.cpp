// Who runs next, and what it means if nobody can.
#include <fmt/core.h>

#include <algorithm>

#include "harness/stress/explore/world.hpp"

namespace weir::explore {

void World::step() {
  if (++steps_ > most_steps_) {
    end(Trouble::too_long, fmt::format("the run does not end within {} steps", most_steps_));
  }
  if (alone()) return;
  collect_roles(true);
  if (options_.size() < 2) return;
  if (!chooser_->worthwhile(state_hash(), current_)) {
    ending_.pruned = true;
    leave();
  }
  switch_to(decide(Choice::role));
}

bool World::can_run(const Role& role) const noexcept {
  return role.state == State::ready || (role.state == State::spinning && role.spun_at != changes_);
}

/// Those who can run, the current role first; then those whose time may be up.
void World::collect_roles(bool preempts) {
  const std::uint8_t stops = preempts ? 1 : 0;
  options_.clear();
  if (preempts) options_.push_back({.what = static_cast<std::uint8_t>(current_)});
  for (std::size_t i = 0; i < started_; ++i) {
    if ((i != current_ || !preempts) && can_run(roles_[i])) {
      options_.push_back({.what = static_cast<std::uint8_t>(i), .preemptions = stops});
    }
  }
  for (std::size_t i = 0; i < started_; ++i) {
    if (roles_[i].state == State::waiting && roles_[i].timed) {
      options_.push_back(
          {.what = static_cast<std::uint8_t>(i), .preemptions = stops, .surprises = 1});
    }
  }
}

void World::give_way() {
  collect_roles(false);
  const bool runs = !options_.empty() && options_.front().surprises == 0;
  if (!runs) return switch_to(no_role_can_run());
  switch_to(options_.size() == 1 ? options_.front().what : decide(Choice::role));
}

/// Pauses are waits for a change: if all who could go on pause, they look once more and read
/// nothing stale; then time passes, for those who look at the clock.
std::size_t World::no_role_can_run() {
  bool spins = false;
  for (std::size_t i = 0; i < started_; ++i) {
    Role& role = roles_[i];
    if (role.state != State::spinning) continue;
    spins = true;
    if (role.fresh_at != changes_) {
      role.fresh_at = changes_;
      role.fresh_pauses = 0;
    }
    if (role.fresh_pauses++ < kFreshPauses && !role.reads_clock) return i;
    if (role.reads_clock && role.clock_looks++ < kFreshPauses) {
      now_ += std::chrono::milliseconds(1);
      changed();
      return i;
    }
  }
  std::size_t first = kMostRoles;
  for (std::size_t i = 0; i < started_; ++i) {
    const bool timed = roles_[i].state == State::waiting && roles_[i].timed;
    if (timed && (first == kMostRoles || roles_[i].deadline < roles_[first].deadline)) first = i;
  }
  if (first != kMostRoles) return first;
  bool for_lock = false;
  for (std::size_t i = 0; i < started_; ++i) for_lock |= roles_[i].sleep == Sleep::lock;
  end(spins ? Trouble::livelock : for_lock ? Trouble::deadlock : Trouble::lost_wakeup, who_waits());
}

std::string World::who_waits() const {
  std::string words;
  for (std::size_t i = 0; i < started_; ++i) {
    const Role& role = roles_[i];
    if (role.state == State::finished || role.sleep == Sleep::join) continue;
    if (!words.empty()) words += ", ";
    words += role.name;
    words += role.state == State::spinning ? " looks again and again"
             : role.sleep == Sleep::lock   ? " waits for a lock"
                                           : " sleeps";
  }
  return words + ", and nobody is left to change that";
}

void World::switch_to(std::size_t next) {
  Role& role = roles_[next];
  if (role.state == State::waiting) {  // its time is up
    now_ = std::max(now_, role.deadline);
    role.timed_out = true;
    changed();
  }
  role.state = State::ready;
  role.sleep = Sleep::none;
  role.reads_clock = false;
  if (next == current_) return;
  Role& before = self();
  current_ = next;
  heap_.enter(next);
  role.fiber.resume_from(before.fiber);
}

bool World::sleep(Sleep kind, const void* object, const Deadline* deadline) {
  Role& role = self();
  role.state = State::waiting;
  role.sleep = kind;
  role.waits_for = object;
  role.queued = ++queue_ticket_;
  role.timed = deadline != nullptr;
  role.timed_out = false;
  if (deadline != nullptr) role.deadline = *deadline;
  if (traced_ && kind != Sleep::join) note(kind == Sleep::lock ? "waits for the lock" : "sleeps");
  give_way();
  role.waits_for = nullptr;
  role.timed = false;
  remember(role.timed_out ? 1 : 2);
  if (traced_ && kind != Sleep::join) note(role.timed_out ? "times out" : "goes on");
  return !role.timed_out;
}

/// First come, first served, unless the choice is another.
void World::wake(const void* object, std::size_t count) {
  while (count > 0) {
    options_.clear();
    for (std::size_t i = 0; i < started_; ++i) {
      if (roles_[i].state == State::waiting && roles_[i].waits_for == object) {
        options_.push_back({.what = static_cast<std::uint8_t>(i), .surprises = 1});
      }
    }
    if (options_.empty()) return;
    std::sort(options_.begin(), options_.end(), [&](const Option& a, const Option& b) {
      return roles_[a.what].queued < roles_[b.what].queued;
    });
    options_.front().surprises = 0;
    const bool all = options_.size() <= count;
    const std::size_t woken = all ? options_.front().what : decide(Choice::surprise);
    roles_[woken].state = State::ready;
    roles_[woken].sleep = Sleep::none;
    remember(woken);
    if (traced_) note(fmt::format("wakes {}", roles_[woken].name));
    changed();
    --count;
  }
}

std::size_t World::decide(Choice kind) {
  const std::size_t index = chooser_->choose(kind, options_);
  choices_.push_back(static_cast<std::uint8_t>(index));
  return options_[index].what;
}

bool World::surprise() {
  options_.clear();
  options_.push_back({.what = 0});
  options_.push_back({.what = 1, .surprises = 1});
  return decide(Choice::surprise) == 1;
}

void World::pause() {
  const OwnMemory own;
  ++steps_;
  Role& role = self();
  role.state = State::spinning;
  role.spun_at = changes_;
  if (traced_) note("pauses");
  if (steps_ > most_steps_) {
    end(Trouble::too_long, fmt::format("the run does not end within {} steps", most_steps_));
  }
  give_way();
}

Deadline World::now() {
  const OwnMemory own;
  remember(static_cast<std::uint64_t>(now_.time_since_epoch().count()));
  self().reads_clock = true;
  return now_;
}

void World::point(const char* name) {
  if (!traced_) return;
  const OwnMemory own;
  note(fmt::format("-- {}", name));
}

}  // namespace weir::explore
