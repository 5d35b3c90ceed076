#include "harness/stress/explore/world.hpp"

#include <fmt/core.h>

#include <algorithm>
#include <stdexcept>

namespace weir::explore {

std::string_view name_of(Trouble trouble) noexcept {
  switch (trouble) {
    case Trouble::none:
      return "none";
    case Trouble::deadlock:
      return "deadlock";
    case Trouble::lost_wakeup:
      return "lost wake-up";
    case Trouble::livelock:
      return "livelock";
    case Trouble::race:
      return "data race";
    case Trouble::dead_object:
      return "use after free";
    case Trouble::slot:
      return "slot misused";
    case Trouble::wrong_result:
      return "wrong result";
    case Trouble::too_long:
      return "too many steps";
  }
  return "";
}

World::World() {
  if (the_ != nullptr) throw std::logic_error("there is one world at a time");
  the_ = this;
}

World::~World() { the_ = nullptr; }

Ending World::run(const Body& body, Chooser& chooser, std::uint64_t most_steps, bool traced) {
  ++run_;
  heap_.reset();
  started_ = live_ = current_ = used_locations_ = 0;
  choices_.clear();
  events_.clear();
  labels_.clear();
  steps_ = changes_ = queue_ticket_ = moment_ = ended_operations_ = 0;
  memory_hash_ = fence_hash_ = 0;
  seq_cst_ = 0;
  light_fences_ = heavy_fences_ = Clocks{};
  now_ = Deadline{} + std::chrono::hours(1);
  read_stale_ = false;
  ending_ = {};
  body_ = &body;
  chooser_ = &chooser;
  most_steps_ = most_steps;
  traced_ = traced;
  start(
      "main", [](const void* self) { (*static_cast<const World*>(self)->body_)(the()); }, this);
  running_ = true;
  heap_.enter(0);
  roles_[0].fiber.resume_from(host_);
  running_ = false;
  ending_.steps = steps_;
  return ending_;
}

void World::start(const char* name, void (*body)(const void*), const void* self) {
  const OwnMemory own;
  if (started_ == kMostRoles) throw std::logic_error("more roles than a run may have");
  Role& role = roles_[started_];
  role.name = name;
  role.body = body;
  role.self = self;
  role.state = State::ready;
  role.sleep = Sleep::none;
  role.waits_for = nullptr;
  role.timed = role.timed_out = false;
  role.fresh_at = kNever;
  role.fresh_pauses = 0;
  role.reads_clock = false;
  role.clock_looks = 0;
  role.operations = 0;
  role.known = {};
  role.past = mix(0, started_);
  if (started_ > 0) {
    tick();
    role.known = roles_[0].known;
    role.past = mix(role.past, roles_[0].past);
  }
  role.known.before.at[started_] = role.known.seen.at[started_] = 1;
  role.fiber.start(enter);
  ++started_;
  ++live_;
}

/// The bottom of each role's stack.
void World::enter() {
  World& world = the();
  Heap::current = &world.heap_;
  world.self().body(world.self().self);
  Heap::current = nullptr;
  if (world.current_ == 0) world.leave();
  world.self().state = State::finished;
  --world.live_;
  if (world.alone() && world.roles_[0].state == State::waiting) {
    world.roles_[0].state = State::ready;
    world.roles_[0].sleep = Sleep::none;
  }
  if (world.traced_) world.note("(end)");
  world.changed();
  world.give_way();
}

void World::join() {
  const OwnMemory own;
  if (!alone()) sleep(Sleep::join, nullptr, nullptr);
  for (std::size_t i = 1; i < started_; ++i) {
    self().known.join(roles_[i].known);
    remember(roles_[i].past);
  }
}

void World::fail(std::string words) {
  const OwnMemory own;
  end(Trouble::wrong_result, std::move(words));
}

void World::end(Trouble trouble, std::string words) {
  ending_.trouble = trouble;
  ending_.words = std::move(words);
  leave();
}

void World::leave() {
  Heap::current = nullptr;
  host_.resume_from(self().fiber);
  std::abort();  // nobody comes back to a run that has ended
}

std::uint64_t World::invoke(std::string_view operation) {
  const OwnMemory own;
  step();
  remember(ended_operations_);  // which operations came wholly before this one
  if (traced_) note(fmt::format("{} {{", operation));
  return ++moment_;
}

std::uint64_t World::respond(std::string_view result) {
  const OwnMemory own;
  ended_operations_ += mix(current_ + 1, ++self().operations);
  if (traced_) note(fmt::format("}} {}", result));
  return ++moment_;
}

void World::tick() noexcept {
  Knowledge& known = self().known;
  known.seen.at[current_] = ++known.before.at[current_];
}

void World::pass_through(std::uint64_t& order) noexcept {
  memory_hash_ -= order;
  order = mix(order, self().past);
  memory_hash_ += order;
  remember(order);
}

std::uint64_t World::state_hash() const noexcept {
  std::uint64_t hash = memory_hash_;
  for (std::size_t i = 0; i < started_; ++i) {
    const Role& role = roles_[i];
    hash = mix(hash,
               role.past + static_cast<std::uint64_t>(role.state) * 2 + (can_run(role) ? 1U : 0U));
  }
  return mix(hash, static_cast<std::uint64_t>(now_.time_since_epoch().count()));
}

void World::note(std::string words) {
  events_.push_back({static_cast<std::uint8_t>(current_), std::move(words)});
}

std::string World::label(const void* object) {
  auto found = std::find(labels_.begin(), labels_.end(), object);
  if (found == labels_.end()) found = labels_.insert(found, object);
  const auto index = static_cast<std::size_t>(found - labels_.begin());
  return index < 26 ? std::string(1, static_cast<char>('a' + index)) : fmt::format("x{}", index);
}

}  // namespace weir::explore
