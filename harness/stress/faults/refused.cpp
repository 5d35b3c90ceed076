// What the channels refuse, said to the compiler: if this does not compile, a refusal is gone. A
// message whose move may throw would leave a claimed slot without a message, and no thread could
// mend that.
#include "channels/atomic_wait.hpp"
#include "channels/block_list.hpp"
#include "channels/cursor_ring.hpp"
#include "channels/latest.hpp"
#include "channels/mpmc_ring.hpp"
#include "channels/mpsc_ring.hpp"
#include "channels/mutex_condvar.hpp"
#include "channels/oneshot.hpp"
#include "channels/rendezvous.hpp"
#include "channels/semaphore_ring.hpp"
#include "channels/spsc_ring.hpp"
#include "channels/swap_buffer.hpp"

namespace weir {
namespace {

struct Sound {};
struct ThrowsWhenMade {
  ThrowsWhenMade() = default;
  ThrowsWhenMade(ThrowsWhenMade&&) noexcept(false) {}
  ThrowsWhenMade& operator=(ThrowsWhenMade&&) noexcept { return *this; }
};
struct ThrowsWhenAssigned {
  ThrowsWhenAssigned() = default;
  ThrowsWhenAssigned(ThrowsWhenAssigned&&) noexcept {}
  ThrowsWhenAssigned& operator=(ThrowsWhenAssigned&&) noexcept(false) { return *this; }
};

template <class T>
constexpr bool some_channel_takes = requires {
  typename AtomicWait<T>;
}
|| requires { typename BlockList<T>; }
|| requires { typename CursorRing<T>; }
|| requires { typename Latest<T>; }
|| requires { typename MpmcRing<T>; }
|| requires { typename MpscRing<T>; }
|| requires { typename MutexCondvar<T>; }
|| requires { typename Oneshot<T>; }
|| requires { typename Rendezvous<T>; }
|| requires { typename SemaphoreRing<T>; }
|| requires { typename SpscRing<T>; }
|| requires { typename SwapBuffer<T>; };

static_assert(some_channel_takes<Sound>, "no channel takes a message without a fault");
static_assert(!some_channel_takes<ThrowsWhenMade> && !some_channel_takes<ThrowsWhenAssigned>,
              "a channel takes messages whose move may throw");

}  // namespace
}  // namespace weir
