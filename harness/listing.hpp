// What `weir-bench list` and `weir-bench env` print.
#pragma once

namespace weir {

int print_list(bool json);
int print_environment();

}  // namespace weir
