#include "channels/swap_buffer.hpp"

#include "harness/enter.hpp"

namespace weir {
namespace {

template <class T>
using Swap = SwapBuffer<T>;

const Enter<Swap> swap_buffer{"swap_buffer",
                              "mutex and two vectors; the receiver takes everything at once"};

}  // namespace
}  // namespace weir
