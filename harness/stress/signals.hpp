// A timer that sends a signal to the process many times a second; whichever thread gets it is
// interrupted in what it does, in the kernel too. Restartable and other waits must bear it.
#pragma once

#include <csignal>
#include <ctime>

namespace weir::stress {

class SignalStorm {
 public:
  /// Does nothing unless `blows`.
  explicit SignalStorm(bool blows);
  SignalStorm(const SignalStorm&) = delete;
  SignalStorm& operator=(const SignalStorm&) = delete;
  ~SignalStorm();

 private:
  bool blows_;
  timer_t timer_{};
};

}  // namespace weir::stress
