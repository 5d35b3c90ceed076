// The probes there are. A new one is a header and a line here.
#pragma once

#include "workloads/db_update.hpp"
#include "workloads/ping_pong.hpp"
#include "workloads/throughput.hpp"
#include "workloads/uncontended.hpp"
#include "workloads/wake_up.hpp"

namespace weir {

using Probes = Types<Throughput, PingPong, Uncontended, WakeUp, DbUpdate>;

}  // namespace weir
