// A stack of its own, and a switch to and from it: how one thread plays several roles.
#pragma once

#include <ucontext.h>

#include <cstddef>
#include <memory>

namespace weir::explore {

class Fiber {
 public:
  /// Without a stack: the thread itself, to be switched from.
  Fiber() = default;
  Fiber(const Fiber&) = delete;
  Fiber& operator=(const Fiber&) = delete;

  /// The next switch to it calls `entry`, which must not return. What was on its stack is
  /// forgotten, not destroyed.
  void start(void (*entry)());
  /// Stops `from`, which is running, and goes on with this one.
  void resume_from(Fiber& from) noexcept { ::swapcontext(&from.context_, &context_); }

 private:
  static constexpr std::size_t kStackBytes = 128 * 1024;
  std::unique_ptr<std::byte[]> stack_;
  ucontext_t context_{};
};

}  // namespace weir::explore
