#include "channels/block_list.hpp"
#include "channels/overflow.hpp"
#include "channels/waiting.hpp"
#include "harness/enter.hpp"

namespace weir {
namespace {

struct Unbounded {
  template <class T, class Sync = StdSync>
  using Channel = Overflowing<Waiting<BlockList<T, Sync>, Park>, Overflow::fail>;
};

const Enter<Unbounded> unbounded{
    "unbounded",
    "list of blocks, tail claimed by CAS, one receiver; a send fails only without memory"};

}  // namespace
}  // namespace weir
