#include "channels/rendezvous.hpp"

#include "harness/enter.hpp"

namespace weir {
namespace {

struct Meeting {
  template <class T, class Sync = StdSync>
  using Channel = Rendezvous<T, Sync>;
};

const Enter<Meeting> rendezvous{
    "rendezvous", "holds nothing: a send ends when a receiver has its message; mutex and queues"};

}  // namespace
}  // namespace weir
