#include "harness/stress/explore/heap.hpp"

#include <sys/mman.h>

#include <algorithm>
#include <iterator>
#include <new>

namespace weir::explore {
namespace {

// One range for all heaps: a comparison says whether an address is in it.
std::byte* range_begin = nullptr;
std::byte* range_end = nullptr;

}  // namespace

Heap::Heap() {
  constexpr std::size_t kAll = kBytes * kParts;
  void* const memory =
      ::mmap(nullptr, kAll, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (memory == MAP_FAILED || range_begin != nullptr) throw std::bad_alloc();
  begin_ = static_cast<std::byte*>(memory);
  range_begin = begin_;
  range_end = begin_ + kAll;
}

Heap::~Heap() {
  ::munmap(begin_, kBytes * kParts);
  range_begin = range_end = nullptr;
}

void Heap::reset() noexcept { std::fill(std::begin(used_), std::end(used_), 0); }

void* Heap::allocate(std::size_t bytes, std::size_t alignment) {
  std::size_t& used = used_[role_];
  const std::size_t begin = (used + alignment - 1) / alignment * alignment;
  if (bytes > kBytes || begin > kBytes - bytes) throw std::bad_alloc();
  used = begin + bytes;
  return begin_ + role_ * kBytes + begin;
}

bool Heap::owns(const void* address) noexcept {
  return address >= range_begin && address < range_end;
}

}  // namespace weir::explore
