#include "harness/stress/explore/fiber.hpp"

namespace weir::explore {

void Fiber::start(void (*entry)()) {
  if (!stack_) {
    stack_ = std::make_unique<std::byte[]>(kStackBytes);
    ::getcontext(&context_);
  }
  context_.uc_stack.ss_sp = stack_.get();
  context_.uc_stack.ss_size = kStackBytes;
  context_.uc_link = nullptr;
  ::makecontext(&context_, entry, 0);
}

}  // namespace weir::explore
