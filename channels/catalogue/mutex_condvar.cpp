#include "channels/mutex_condvar.hpp"

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

const Enter<Counted> counted{
    "mutex_condvar",
    "mutex and two condition variables; waiters counted, notified after unlocking"};
const Enter<Naive> naive{"mutex_condvar:naive",
                         "the textbook: notifies on every operation, whether or not anyone waits"};

}  // namespace
}  // namespace weir
