// throughput_opaque: throughput with each send and each receive behind a virtual call, as in a
// program whose channel hides behind an interface. What a compiler gained by seeing both the loop
// and the channel is gone; a ranking that holds only with it is none.
#pragma once

namespace weir {
class Trial;

/// The workload `throughput_opaque`. Case keys: p, c, cap, place.
void run_opaque(Trial& trial);
void enter_opaque();

}  // namespace weir
