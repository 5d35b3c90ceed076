#include "harness/stress/signals.hpp"

#include <cerrno>
#include <system_error>

namespace weir::stress {

SignalStorm::SignalStorm(bool blows) : blows_(blows) {
  if (!blows_) return;
  struct sigaction action {};
  action.sa_handler = [](int) {};
  action.sa_flags = 0;  // no SA_RESTART: system calls return EINTR
  ::sigaction(SIGUSR1, &action, nullptr);
  sigevent event{};
  event.sigev_notify = SIGEV_SIGNAL;
  event.sigev_signo = SIGUSR1;
  if (::timer_create(CLOCK_MONOTONIC, &event, &timer_) != 0) {
    throw std::system_error(errno, std::generic_category(), "timer");
  }
  constexpr long kPeriodNs = 200'000;
  const itimerspec period{{0, kPeriodNs}, {0, kPeriodNs}};
  ::timer_settime(timer_, 0, &period, nullptr);
}

SignalStorm::~SignalStorm() {
  if (blows_) ::timer_delete(timer_);
}

}  // namespace weir::stress
