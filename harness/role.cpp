#include "harness/role.hpp"

#include <cmath>

#include "channels/sync.hpp"
#include "harness/work.hpp"

namespace weir {

void Role::wait_for_gate() noexcept {
  line_->state.store(RoleState::ready,
                     std::memory_order_release);  // partner: the coordinator's wait for all roles
  // acquire: what the coordinator prepared before the gate opened
  while (phase_->load(std::memory_order_acquire) == Phase::starting) StdSync::yield();
  line_->state.store(RoleState::running, std::memory_order_relaxed);  // for people
}

void Role::cross(Phase phase, std::uint64_t messages) noexcept {
  // A planted role never takes note of the phase, so that every checkpoint comes here.
  if (planted_steps_ == 0) {
    seen_ = phase;
  } else {
    work(planted_steps_);
  }
  if (phase >= Phase::timed && !opened_) open_window(messages);
}

void Role::open_window(std::uint64_t messages) noexcept {
  opened_ = true;
  opened_at_ = messages;
  opened_usage_ = sys::thread_usage();
  window_.start_ns = MonotonicClock::now_ns();
}

void Role::end(RoleCounts counts, const WaitStats* waits) noexcept {
  if (!opened_) open_window(counts.messages);
  const sys::ThreadUsage usage = sys::thread_usage();
  window_.messages = counts.messages - opened_at_;
  window_.end_ns = last_ns_ != 0 ? last_ns_ : MonotonicClock::now_ns();
  window_.cpu_ns = usage.cpu_ns - opened_usage_.cpu_ns;
  window_.voluntary_switches = usage.voluntary_switches - opened_usage_.voluntary_switches;
  window_.involuntary_switches = usage.involuntary_switches - opened_usage_.involuntary_switches;
  counts_ = counts;
  if (waits != nullptr) {
    counts_waits_ = true;
    waits_ = *waits;
  }
  line_->progress.store(counts.messages, std::memory_order_relaxed);  // read by the watchdog only
}

void Role::fail(std::string_view failure, std::string reason) {
  if (!failure_.empty()) return;
  failure_ = failure;
  reason_ = std::string(name()) + ": " + std::move(reason);
}

std::uint64_t Role::steps_for(int ns) const noexcept {
  if (ns == 0) return 0;
  return static_cast<std::uint64_t>(std::lround(work_steps_per_ns() * ns));
}

}  // namespace weir
