// The memory that roles allocate during a run. An address belongs to the role and to how much it
// allocated before, not to the schedule; freed memory is not used again within the run, so that who
// comes to it later still finds the mark that it is dead; and a run that is given up leaks nothing.
#pragma once

#include <cstddef>

namespace weir::explore {

class Heap {
 public:
  /// What operator new of this process takes from while it is set: a role runs.
  static inline Heap* current = nullptr;

  Heap();
  ~Heap();
  Heap(const Heap&) = delete;
  Heap& operator=(const Heap&) = delete;

  /// Everything is free again: a new run begins.
  void reset() noexcept;
  /// Allocations from now on are this role's.
  void enter(std::size_t role) noexcept { role_ = role; }
  /// Throws std::bad_alloc beyond kBytes for a role.
  void* allocate(std::size_t bytes, std::size_t alignment);
  /// Whether it was allocated from a heap of this kind.
  static bool owns(const void* address) noexcept;

 private:
  static constexpr std::size_t kBytes = std::size_t{1} << 20;  // a role's part
  static constexpr std::size_t kParts = 8;
  std::byte* begin_;
  std::size_t role_ = 0;
  std::size_t used_[kParts] = {};
};

/// While it lives, allocations are the explorer's own.
class OwnMemory {
 public:
  OwnMemory() noexcept : before_(Heap::current) { Heap::current = nullptr; }
  ~OwnMemory() { Heap::current = before_; }
  OwnMemory(const OwnMemory&) = delete;
  OwnMemory& operator=(const OwnMemory&) = delete;

 private:
  Heap* before_;
};

}  // namespace weir::explore
