#include "own_families.hpp"

namespace weir::test {

std::vector<Family> own_families() {
  std::vector<Family> families = parking_families<StdSync>();
  const std::vector<Family> restless = restless_families<StdSync>();
  families.insert(families.end(), restless.begin(), restless.end());
  return families;
}

}  // namespace weir::test
