// Replaces operator new and delete of the program that it is linked into: while a role of an
// explored run is at work, memory comes from that run's heap. At all other times it is malloc's.
#include <algorithm>
#include <cstdlib>
#include <new>

#include "harness/stress/explore/heap.hpp"

namespace weir::explore {
namespace {

void* take(std::size_t bytes, std::size_t alignment) {
  if (Heap::current != nullptr) return Heap::current->allocate(bytes, alignment);
  const std::size_t whole =
      (std::max(bytes, std::size_t{1}) + alignment - 1) / alignment * alignment;
  void* const memory = alignment <= __STDCPP_DEFAULT_NEW_ALIGNMENT__
                           ? std::malloc(whole)
                           : std::aligned_alloc(alignment, whole);
  if (memory == nullptr) throw std::bad_alloc();
  return memory;
}

void give(void* memory) noexcept {
  if (!Heap::owns(memory)) std::free(memory);
}

}  // namespace
}  // namespace weir::explore

// The other forms of the standard library call these.
void* operator new(std::size_t bytes) {
  return weir::explore::take(bytes, __STDCPP_DEFAULT_NEW_ALIGNMENT__);
}
void* operator new(std::size_t bytes, std::align_val_t alignment) {
  return weir::explore::take(bytes, static_cast<std::size_t>(alignment));
}
void operator delete(void* memory) noexcept { weir::explore::give(memory); }
void operator delete(void* memory, std::size_t) noexcept { weir::explore::give(memory); }
void operator delete(void* memory, std::align_val_t) noexcept { weir::explore::give(memory); }
void operator delete(void* memory, std::size_t, std::align_val_t) noexcept {
  weir::explore::give(memory);
}
