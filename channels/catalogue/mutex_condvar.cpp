#include "channels/mutex_condvar.hpp"

#include "channels/overflow.hpp"
#include "harness/enter.hpp"

namespace weir {
namespace {

struct Counted {
  template <class T, class Sync = StdSync>
  using Channel = MutexCondvar<T, Notify::waiters, Sync>;
};
struct Naive {
  template <class T, class Sync = StdSync>
  using Channel = MutexCondvar<T, Notify::always, Sync>;
};

template <class T, class Sync, Overflow kOverflow>
using Counting = Overflowing<MutexCondvar<T, Notify::waiters, Sync>, kOverflow>;

struct Fails {
  template <class T, class Sync = StdSync>
  using Channel = Counting<T, Sync, Overflow::fail>;
};
struct DropsNewest {
  template <class T, class Sync = StdSync>
  using Channel = Counting<T, Sync, Overflow::drop_newest>;
};
struct DropsOldest {
  template <class T, class Sync = StdSync>
  using Channel = Counting<T, Sync, Overflow::drop_oldest>;
};

const Enter<Counted> counted{
    "mutex_condvar",
    "mutex and two condition variables; waiters counted, notified after unlocking"};
const Enter<Naive> naive{"mutex_condvar:naive",
                         "the textbook: notifies on every operation, whether or not anyone waits"};
const Enter<Fails> fails{"mutex_condvar:fail", "mutex_condvar; a send that finds it full fails"};
const Enter<DropsNewest> drops_newest{"mutex_condvar:drop_newest",
                                      "mutex_condvar; a send that finds it full drops its message"};
const Enter<DropsOldest> drops_oldest{
    "mutex_condvar:drop_oldest",
    "mutex_condvar; a send that finds it full takes the oldest message out"};

}  // namespace
}  // namespace weir
