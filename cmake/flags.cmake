# One set of flags for everything that is measured. -O3, NDEBUG, baseline instruction set, no LTO: results/README.md says why
# a figure needs that; CMakePresets.json sets the build type.
add_library(weir_flags INTERFACE)
add_library(weir::flags ALIAS weir_flags)

target_compile_options(weir_flags INTERFACE
  -Wall -Wextra -Wpedantic -Wconversion -Wsign-conversion -Wshadow -Wold-style-cast -Wnon-virtual-dtor -Woverloaded-virtual)
if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
  # GCC 12 sees an overlap in std::string's operator+ that is not there (GCC bug 105651).
  target_compile_options(weir_flags INTERFACE -Wno-restrict)
endif()
if(WEIR_WERROR)
  target_compile_options(weir_flags INTERFACE -Werror)
endif()
if(WEIR_NATIVE)
  target_compile_options(weir_flags INTERFACE -march=native)
endif()
# Functions and loops start on a line of their own, so that an edit elsewhere does not move a loop across one.
target_compile_options(weir_flags INTERFACE -falign-functions=64)
if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
  target_compile_options(weir_flags INTERFACE -falign-loops=32)
endif()
if(WEIR_SANITIZE)
  target_compile_options(weir_flags INTERFACE -fsanitize=${WEIR_SANITIZE} -fno-omit-frame-pointer)
  target_link_options(weir_flags INTERFACE -fsanitize=${WEIR_SANITIZE})
  if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
    # With sanitizers GCC loses track of initialization inside std::regex.
    target_compile_options(weir_flags INTERFACE -Wno-maybe-uninitialized)
  endif()
endif()
