// `play` (play.hpp) of a channel whose type is not known.
#pragma once

namespace weir::explore {

class World;
class Records;
struct Plan;

using Play = void (*)(World& world, const Plan& plan, Records& records);

}  // namespace weir::explore
