// The list of own channels, for any Sync policy.
#pragma once

#include <gtest/gtest.h>

#include "channels/atomic_wait.hpp"
#include "channels/cursor_ring.hpp"
#include "channels/mpmc_ring.hpp"
#include "channels/mpsc_ring.hpp"
#include "channels/mutex_condvar.hpp"
#include "channels/semaphore_ring.hpp"
#include "channels/spsc_ring.hpp"
#include "channels/swap_buffer.hpp"
#include "channels/waiting.hpp"
#include "families.hpp"

namespace weir::test {

/// One of each kind, in the form that sleeps.
template <class Sync>
std::vector<Family> parking_families() {
  return {
      family_of<MutexCondvar<Token, Notify::waiters, Sync>>("mutex_condvar"),
      family_of<MutexCondvar<Token, Notify::always, Sync>>("mutex_condvar_naive"),
      family_of<SwapBuffer<Token, Sync>>("swap_buffer"),
      family_of<AtomicWait<Token, Sync>>("atomic_wait"),
      family_of<SemaphoreRing<Token, Sync>>("semaphore_ring"),
      family_of<Waiting<MpmcRing<Token, Sync>, Park>>("mpmc_ring_park"),
      family_of<Waiting<MpscRing<Token, Sync>, Park>>("futex_ring"),
      family_of<Waiting<SpscRing<Token, Sync>, Park>>("spsc_ring_park"),
      family_of<Waiting<CursorRing<Token, Sync>, Park>>("cursor_ring_park"),
      family_of<Waiting<CursorRing<Token, Sync, Freed::lazily>, Park>>("cursor_ring_lazy_park"),
  };
}

/// Those that spin or yield instead.
template <class Sync>
std::vector<Family> restless_families() {
  return {
      family_of<Waiting<MpmcRing<Token, Sync>, Spin>>("mpmc_ring_spin"),
      family_of<Waiting<MpmcRing<Token, Sync>, Yield>>("mpmc_ring_yield"),
      family_of<Waiting<MpscRing<Token, Sync>, Spin>>("mpsc_ring_spin"),
      family_of<Waiting<MpscRing<Token, Sync>, Yield>>("mpsc_ring_yield"),
      family_of<Waiting<SpscRing<Token, Sync>, Spin>>("spsc_ring_spin"),
      family_of<Waiting<SpscRing<Token, Sync>, Yield>>("spsc_ring_yield"),
      family_of<Waiting<CursorRing<Token, Sync>, Yield>>("cursor_ring_yield"),
      family_of<Waiting<CursorRing<Token, Sync, Freed::lazily>, Yield>>("cursor_ring_lazy_yield"),
  };
}

}  // namespace weir::test
