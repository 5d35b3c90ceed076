#include "channels/mutex_condvar.hpp"

#include "harness/enter.hpp"

namespace weir {
namespace {

template <class T>
using Counted = MutexCondvar<T, Notify::waiters>;
template <class T>
using Naive = MutexCondvar<T, Notify::always>;

const Enter<Counted> counted{
    "mutex_condvar",
    "mutex and two condition variables; waiters counted, notified after unlocking"};
const Enter<Naive> naive{"mutex_condvar:naive",
                         "the textbook: notifies on every operation, whether or not anyone waits"};

}  // namespace
}  // namespace weir
