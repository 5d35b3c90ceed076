# The scenarios of workloads/scenarios, compiled in: generated/harness/scenario/files.hpp.
function(weir_embed_scenarios)
  file(GLOB files CONFIGURE_DEPENDS ${PROJECT_SOURCE_DIR}/workloads/scenarios/*.toml)
  set(entries "")
  foreach(file IN LISTS files)
    set_property(DIRECTORY APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS ${file})
    get_filename_component(name ${file} NAME)
    file(READ ${file} text)
    string(APPEND entries "    {\"${name}\", R\"toml(${text})toml\"},\n")
  endforeach()
  set(WEIR_SCENARIOS "${entries}")
  configure_file(${PROJECT_SOURCE_DIR}/cmake/scenario_files.hpp.in
                 ${PROJECT_BINARY_DIR}/generated/harness/scenario/files.hpp @ONLY)
endfunction()
