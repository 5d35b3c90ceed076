# What was built, from what, how: generated headers, so that every result can say it.
string(TOUPPER "${CMAKE_BUILD_TYPE}" type)
get_target_property(options weir_flags INTERFACE_COMPILE_OPTIONS)
list(FILTER options EXCLUDE REGEX "^-W")
list(JOIN options " " options)
set(WEIR_FLAGS "${CMAKE_CXX_FLAGS} ${CMAKE_CXX_FLAGS_${type}} -std=c++20 ${options}")
string(STRIP "${WEIR_FLAGS}" WEIR_FLAGS)

set(WEIR_LIBRARY_LINES "")
foreach(entry IN LISTS WEIR_LIBRARIES)
  if(entry)
    string(REGEX MATCH "^([^=]*)=(.*)$" matched "${entry}")
    string(APPEND WEIR_LIBRARY_LINES "    {\"${CMAKE_MATCH_1}\", \"${CMAKE_MATCH_2}\"},\n")
  endif()
endforeach()

set(generated ${PROJECT_BINARY_DIR}/generated)
function(weir_write_build_info)
  configure_file(${PROJECT_SOURCE_DIR}/cmake/build_info.hpp.in ${generated}/harness/build_info.hpp @ONLY)
endfunction()
weir_write_build_info()

# The revision is looked up at every build, and the header written only when it changed.
add_custom_target(weir_revision
  COMMAND ${CMAKE_COMMAND} -D SOURCE_DIR=${PROJECT_SOURCE_DIR} -D OUTPUT=${generated}/weir_revision.hpp
          -P ${PROJECT_SOURCE_DIR}/cmake/revision.cmake
  BYPRODUCTS ${generated}/weir_revision.hpp
  COMMENT "")

add_library(weir_build_info INTERFACE)
add_library(weir::build_info ALIAS weir_build_info)
target_include_directories(weir_build_info INTERFACE ${generated})
add_dependencies(weir_build_info weir_revision)
