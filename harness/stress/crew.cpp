#include "harness/stress/crew.hpp"

#include <barrier>
#include <cstdio>
#include <memory>
#include <stdexcept>

#include "harness/system.hpp"

namespace weir::stress {

void Member::note(SendStatus status) noexcept {
  ++met.operations;
  if (status == SendStatus::full || status == SendStatus::dropped) ++met.full;
  if (status == SendStatus::evicted) ++met.full;
  if (status == SendStatus::closed) ++met.closed;
  if (status == SendStatus::timed_out) {
    ++met.timed_out;
    ++met.full;
  }
}

void Member::note(RecvStatus status) noexcept {
  ++met.operations;
  if (status == RecvStatus::empty) ++met.empty;
  if (status == RecvStatus::closed) ++met.closed;
  if (status == RecvStatus::timed_out) {
    ++met.timed_out;
    ++met.empty;
  }
}

void Member::note_waits(const WaitStats& waits, bool sender) noexcept {
  met.blocked += waits.waited_operations;
  (sender ? met.full : met.empty) += waits.waited_operations;
}

void Crew::add(std::string name, std::function<void(Member&)> body) {
  if (bodies_.size() == Board::kMaxRoles) throw std::length_error("too many threads in one case");
  names_.push_back(std::move(name));
  bodies_.push_back(std::move(body));
}

void Crew::run(const std::function<void()>& meanwhile) {
  const std::vector<int> cpus = sys::allowed_cpus();
  Board& board = context_.board();
  std::vector<std::unique_ptr<Member>> members;
  board.roles.store(0, std::memory_order_relaxed);  // lines are being rewritten
  for (std::size_t i = 0; i < bodies_.size(); ++i) {
    BoardLine& line = board.lines[i];
    std::snprintf(line.name, sizeof line.name, "%s", names_[i].c_str());
    line.state.store(RoleState::starting, std::memory_order_relaxed);
    members.push_back(std::make_unique<Member>(context_.seed_for(i), line));
  }
  // release: the watching process reads the lines after it
  board.roles.store(static_cast<std::uint32_t>(bodies_.size()), std::memory_order_release);

  std::barrier gate(static_cast<std::ptrdiff_t>(bodies_.size()));
  std::vector<std::thread> threads;
  for (std::size_t i = 0; i < bodies_.size(); ++i) {
    threads.emplace_back([&, i] {
      if (pin_ != Pin::free) sys::pin_to(pin_ == Pin::one ? cpus.front() : cpus[i % cpus.size()]);
      gate.arrive_and_wait();
      board.lines[i].state.store(RoleState::running, std::memory_order_relaxed);  // for people
      bodies_[i](*members[i]);
      board.lines[i].state.store(RoleState::ended, std::memory_order_relaxed);  // for people
    });
  }
  if (meanwhile) meanwhile();
  for (std::thread& thread : threads) thread.join();
  for (const auto& member : members) {
    context_.met += member->met;
    if (!member->failure_.empty()) context_.fail(member->failure_);
  }
}

}  // namespace weir::stress
