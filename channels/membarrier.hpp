// The membarrier system call, in one place: the expensive side of an asymmetric fence.
#pragma once

#include <linux/membarrier.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cerrno>
#include <system_error>

namespace weir::membarrier {

/// Makes barrier() usable in this process. Throws std::system_error where the kernel has no private
/// expedited membarrier.
inline void enable() {
  if (::syscall(SYS_membarrier, MEMBARRIER_CMD_REGISTER_PRIVATE_EXPEDITED, 0, 0) != 0) {
    throw std::system_error(errno, std::generic_category(), "membarrier");
  }
}

/// Every running thread of the process executes a full memory barrier before this returns.
/// Microseconds.
inline void barrier() noexcept {
  ::syscall(SYS_membarrier, MEMBARRIER_CMD_PRIVATE_EXPEDITED, 0, 0);
}

}  // namespace weir::membarrier
