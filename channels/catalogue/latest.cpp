#include "channels/latest.hpp"

#include "channels/waiting.hpp"
#include "harness/enter.hpp"

namespace weir {
namespace {

struct Newest {
  template <class T, class Sync = StdSync>
  using Channel = Waiting<Latest<T, Sync>, Park>;
};

const Enter<Newest> latest{
    "latest",
    "one place for the newest message; nodes exchanged by CAS, what is replaced comes back"};

}  // namespace
}  // namespace weir
