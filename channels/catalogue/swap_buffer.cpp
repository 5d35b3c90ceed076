#include "channels/swap_buffer.hpp"

#include "harness/enter.hpp"

namespace weir {
namespace {

struct Swap {
  template <class T, class Sync = StdSync>
  using Channel = SwapBuffer<T, Sync>;
};

const Enter<Swap> swap_buffer{"swap_buffer",
                              "mutex and two vectors; the receiver takes everything at once"};

}  // namespace
}  // namespace weir
