// Time stamps around an operation, so that two stamps that are apart prove that one operation ended
// before the other began.
//
// What the fences are for (x86; the portable fall-back makes both ends full fences):
// - invocation(): the counter is read before anything of the operation is executed (lfence waits
//   for the reading, and holds back what follows);
// - response(): a locked add drains the store buffer first, so that what the operation wrote can be
//   seen by all processors before the counter is read. With lfence alone a store may still be
//   hidden there when the stamp is taken, and a legal `empty` elsewhere looks like a violation.
//   mfence would do it too, at twice the cost.
#pragma once

#include <atomic>
#include <cstdint>
#include <ctime>
#include <limits>

#if defined(__x86_64__)
#include <x86intrin.h>
#endif

namespace weir::stress {

/// A point in time: ticks of the processor's counter, or nanoseconds where there is none that all
/// processors share.
using Stamp = std::uint64_t;

/// The response of an operation that never returned.
inline constexpr Stamp kNever = std::numeric_limits<Stamp>::max();

#if defined(__x86_64__)

inline constexpr const char* kStampUnit = "ticks";

/// Before the first instruction of an operation.
inline Stamp invocation() noexcept {
  const Stamp now = __rdtsc();
  _mm_lfence();
  return now;
}

/// After the last instruction of an operation. `private_word`: a cache line of the calling
/// thread's own.
inline Stamp response(std::uint32_t& private_word) noexcept {
  asm volatile("lock addl $0, %0" : "+m"(private_word) : : "memory", "cc");
  _mm_lfence();
  return __rdtsc();
}

#else

inline constexpr const char* kStampUnit = "ns";

namespace detail {
inline Stamp monotonic_ns() noexcept {
  timespec time{};
  ::clock_gettime(CLOCK_MONOTONIC, &time);
  return static_cast<Stamp>(time.tv_sec) * 1'000'000'000 + static_cast<Stamp>(time.tv_nsec);
}
}  // namespace detail

inline Stamp invocation() noexcept {
  const Stamp now = detail::monotonic_ns();
  // seq_cst: its partner is the fence in response(); nothing of the operation comes before it.
  std::atomic_thread_fence(std::memory_order_seq_cst);
  return now;
}

inline Stamp response(std::uint32_t&) noexcept {
  // seq_cst: its partner is the fence in invocation(); all of the operation comes before it.
  std::atomic_thread_fence(std::memory_order_seq_cst);
  return detail::monotonic_ns();
}

#endif

}  // namespace weir::stress
