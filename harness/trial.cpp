#include "harness/trial.hpp"

#include <algorithm>
#include <cstdio>
#include <limits>
#include <stdexcept>
#include <thread>

#include "channels/sync.hpp"

namespace weir {

Trial::Trial(Case spec, std::uint64_t seed, Timing timing, Board& board)
    : spec_(std::move(spec)),
      seed_(seed),
      timing_(timing),
      board_(board),
      cpus_(sys::allowed_cpus()) {}

int Trial::cpu_for(Role::Kind kind, int index) const {
  const auto count = static_cast<int>(cpus_.size());
  switch (spec_.place) {
    case Place::free:
      return -1;
    case Place::one:
      return cpus_.front();
    case Place::spread:
      break;
  }
  const int slot = kind == Role::Kind::sender ? index % count : count - 1 - index % count;
  return cpus_[static_cast<std::size_t>(slot)];
}

void Trial::add_role(Role::Kind kind, int index, std::function<void(Role&)> body) {
  if (roles_.size() == Board::kMaxRoles) throw std::length_error("too many roles in one trial");
  BoardLine& line = board_.lines[roles_.size()];
  std::snprintf(line.name, sizeof line.name, "%s %d",
                kind == Role::Kind::sender ? "sender" : "receiver", index);
  roles_.push_back(std::make_unique<Role>(kind, index, cpu_for(kind, index), phase_, line));
  if (kind == planted_kind_) roles_.back()->plant(planted_steps_);
  bodies_.push_back(std::move(body));
  // release: the watching process reads the line after it
  board_.roles.store(static_cast<std::uint32_t>(roles_.size()), std::memory_order_release);
}

void Trial::add_sender(std::function<void(Role&)> body) {
  add_role(Role::Kind::sender, senders_++, std::move(body));
}

void Trial::add_receiver(std::function<void(Role&)> body) {
  add_role(Role::Kind::receiver, receivers_++, std::move(body));
}

void Trial::play(const std::function<void()>& close) {
  std::vector<std::thread> threads;
  for (std::size_t i = 0; i < roles_.size(); ++i) {
    threads.emplace_back([this, i] {
      Role& role = *roles_[i];
      if (role.cpu() >= 0) sys::pin_to(role.cpu());
      bodies_[i](role);
      board_.lines[i].state.store(RoleState::ended,
                                  std::memory_order_relaxed);  // for people, any_role_ended()
    });
  }
  for (std::size_t i = 0; i < roles_.size(); ++i) {
    // acquire: partner is wait_for_gate()
    while (board_.lines[i].state.load(std::memory_order_acquire) < RoleState::ready)
      sys::sleep_for(std::chrono::microseconds(50));
  }
  phase_.store(Phase::warming, std::memory_order_release);  // opens the gate
  sys::sleep_for(timing_.warm_up);
  open_window(threads);
  phase_.store(Phase::stopping, std::memory_order_relaxed);
  for (std::size_t i = 0; i < roles_.size(); ++i) {
    if (roles_[i]->kind() == Role::Kind::sender) threads[i].join();
  }
  if (close) close();
  for (std::thread& thread : threads) {
    if (thread.joinable()) thread.join();
  }
}

void Trial::open_window(std::vector<std::thread>& threads) {
  phase_.store(Phase::timed, std::memory_order_relaxed);  // see Role::checkpoint
  if (!window_) return hold_window_open();
  std::vector<std::thread::native_handle_type> handles;
  for (std::thread& thread : threads) handles.push_back(thread.native_handle());
  window_(handles);
}

std::uint64_t Trial::received_so_far() const {
  std::uint64_t sum = 0;
  for (std::size_t i = 0; i < roles_.size(); ++i) {
    if (roles_[i]->kind() == Role::Kind::receiver)
      sum += board_.lines[i].progress.load(std::memory_order_relaxed);
  }
  return sum;
}

bool Trial::any_role_ended() const {
  for (std::size_t i = 0; i < roles_.size(); ++i) {
    // relaxed: what the role left behind is read after its thread was joined
    if (board_.lines[i].state.load(std::memory_order_relaxed) == RoleState::ended) return true;
  }
  return false;
}

void Trial::hold_window_open() {
  constexpr std::chrono::nanoseconds kStep = std::chrono::milliseconds(5);
  const std::int64_t until =
      MonotonicClock::now_ns() + std::chrono::nanoseconds(timing_.window).count();
  const std::uint64_t enough = std::max(spec_.min_messages, received_so_far() + least_in_window_);
  for (;;) {
    const std::int64_t left = until - MonotonicClock::now_ns();
    if (left <= 0 && (received_so_far() >= enough || any_role_ended())) return;
    sys::sleep_for(left > 0 ? std::chrono::nanoseconds(left) : kStep);
  }
}

void Trial::keep_ledgers(const Contract& contract) {
  const bool in_order = receivers_ == 1 && contract.order != Order::none &&
                        contract.overflow != Overflow::drop_oldest &&
                        !(contract.close == Close::none &&
                          contract.order == Order::per_sender);  // those may leave messages behind
  const Bookkeeping bookkeeping = in_order ? Bookkeeping::in_order : Bookkeeping::by_bit;
  must_drain_ = contract.close == Close::drain;
  const bool evicts = contract.overflow == Overflow::drop_oldest;
  for (const auto& role : roles_) {
    // A sender gets evicted messages back: they are accounted for like received ones.
    if (role->kind() != Role::Kind::receiver && !evicts) continue;
    ledgers_.push_back(
        std::make_unique<Ledger>(senders_, bookkeeping, contract.order != Order::none));
    role->keep(*ledgers_.back());
  }
  if (!in_order) ledgers_.push_back(std::make_unique<Ledger>(senders_, bookkeeping, false));
}

void Trial::fail(std::string_view failure, std::string reason) {
  if (!failure_.empty()) return;
  failure_ = failure;
  reason_ = std::move(reason);
}

Totals Trial::totals() const {
  Totals totals;
  totals.left = left_;
  for (const auto& role : roles_) {
    const RoleCounts& counts = role->counts();
    if (role->kind() == Role::Kind::sender) {
      totals.offered += counts.offered;
      totals.accepted += counts.messages;
      totals.refused += counts.refused;
      totals.evicted += counts.evicted;
    } else {
      totals.received += counts.messages;
    }
  }
  return totals;
}

bool Trial::verify() {
  for (const auto& role : roles_) {
    if (!role->failure().empty()) fail(role->failure(), role->reason());
  }
  if (!ledgers_.empty()) {
    std::vector<std::uint64_t> accepted;
    for (const auto& role : roles_) {
      if (role->kind() == Role::Kind::sender) accepted.push_back(role->counts().messages);
    }
    std::vector<const Ledger*> ledgers;
    for (const auto& ledger : ledgers_) ledgers.push_back(ledger.get());
    const Verdict verdict = judge(ledgers, accepted);
    if (!verdict.failure.empty()) fail(verdict.failure, verdict.reason);
  }
  const Totals totals = this->totals();
  if (must_drain_ && totals.left > 0) {
    fail("loss", "receivers were told closed with " + std::to_string(totals.left) +
                     " accepted messages left");
  }
  if (totals.offered != totals.accepted + totals.refused) {
    fail("count", "offered " + std::to_string(totals.offered) + ", but accepted " +
                      std::to_string(totals.accepted) + " + refused " +
                      std::to_string(totals.refused));
  }
  if (totals.accepted != totals.received + totals.evicted + totals.left) {
    fail("count", "accepted " + std::to_string(totals.accepted) + ", but received " +
                      std::to_string(totals.received) + " + evicted " +
                      std::to_string(totals.evicted) + " + left " + std::to_string(totals.left));
  }
  return failure_.empty();
}

DepthSamples Trial::depth() const {
  DepthSamples all;
  for (const auto& role : roles_) {
    all.count += role->depth().count;
    all.sum += role->depth().sum;
    all.max = std::max(all.max, role->depth().max);
  }
  return all;
}

double Trial::rate_of(Role::Kind kind) const {
  std::uint64_t messages = 0;
  std::int64_t start = std::numeric_limits<std::int64_t>::max();
  std::int64_t end = 0;
  for (const auto& role : roles_) {
    if (role->kind() != kind) continue;
    messages += role->window().messages;
    start = std::min(start, role->window().start_ns);
    end = std::max(end, role->window().end_ns);
  }
  return end > start ? static_cast<double>(messages) * 1e9 / static_cast<double>(end - start) : 0.0;
}

namespace {

constexpr std::uint64_t kSlice =
    20'000;  // operations: some hundred microseconds, so that a host gap spoils few slices

double median(std::vector<double>& values) {
  const auto middle = values.begin() + static_cast<std::ptrdiff_t>(values.size() / 2);
  std::nth_element(values.begin(), middle, values.end());
  return *middle;
}

double slice_ns(const std::function<void(std::uint64_t)>& pass) {
  const std::int64_t start = MonotonicClock::now_ns();
  pass(kSlice);
  return static_cast<double>(MonotonicClock::now_ns() - start) / static_cast<double>(kSlice);
}

/// Calls `step` for that time, and at least once.
template <class Step>
void repeat_for(std::chrono::nanoseconds time, const Step& step) {
  const std::int64_t until = MonotonicClock::now_ns() + time.count();
  do {
    step();
  } while (MonotonicClock::now_ns() < until);
}

}  // namespace

double Trial::loop(const std::function<void(std::uint64_t)>& pass) {
  if (loop_) {
    loop_(*this, pass);
    return 0.0;
  }
  sys::pin_to(cpus_.front());
  std::vector<double> slices;
  repeat_for(timing_.warm_up, [&] { pass(kSlice); });
  repeat_for(timing_.window, [&] { slices.push_back(slice_ns(pass)); });
  return median(slices);
}

NativePass Trial::native_loop() const {
  const NativeLoop native = registry().find_native(spec_.channel);
  return native && !loop_ && spec_.message == "8" ? native(spec_.capacity) : NativePass{};
}

double Trial::loop_excess_percent(const std::function<void(std::uint64_t)>& pass,
                                  const std::function<void(std::uint64_t)>& reference) {
  std::vector<double> ratios;
  bool first = true;
  repeat_for(timing_.window, [&] {
    // They swap places, so that what follows a slice of the other costs both the same.
    const double a = slice_ns(first ? pass : reference);
    const double b = slice_ns(first ? reference : pass);
    ratios.push_back(first ? a / b : b / a);
    first = !first;
  });
  return (median(ratios) - 1.0) * 100.0;
}

}  // namespace weir
