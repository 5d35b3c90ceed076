# The databases of the workload `db`. One whose library is not there is left out, with one status line.
#
#   weir_database(<package> <header> <library> <Debian package> <NAME>)
#
# makes the target weir_<package>, which defines WEIR_HAS_<NAME>.
function(weir_database package header library debian name)
  find_path(WEIR_${package}_INCLUDE NAMES ${header})
  find_library(WEIR_${package}_LIBRARY NAMES ${library})
  if(NOT WEIR_${package}_INCLUDE OR NOT WEIR_${package}_LIBRARY)
    message(STATUS "Database ${package} is left out: ${debian} was not found")
    return()
  endif()
  add_library(weir_${package} INTERFACE)
  target_include_directories(weir_${package} SYSTEM INTERFACE ${WEIR_${package}_INCLUDE})
  target_link_libraries(weir_${package} INTERFACE ${WEIR_${package}_LIBRARY})
  target_compile_definitions(weir_${package} INTERFACE WEIR_HAS_${name})
  execute_process(COMMAND dpkg-query -W -f "\${Version}" ${debian} OUTPUT_VARIABLE version ERROR_QUIET)
  string(REGEX REPLACE "-[^-]*$" "" version "${version}")
  set(WEIR_LIBRARIES "${WEIR_LIBRARIES};${package}=${version}" CACHE INTERNAL "")
endfunction()

weir_database(sqlite sqlite3.h sqlite3 libsqlite3-dev SQLITE)
weir_database(lmdb lmdb.h lmdb liblmdb-dev LMDB)

# The workload `db`, as a part of a target.
function(weir_add_db target)
  target_sources(${target} PRIVATE
    workloads/databases/folder.cpp workloads/databases/lmdb.cpp workloads/databases/sqlite.cpp
    workloads/databases/sqlite_vfs.cpp workloads/databases/stores.cpp
    workloads/db/client.cpp workloads/db/oracle.cpp workloads/db/owner.cpp workloads/db/proxy.cpp
    workloads/db/reads.cpp workloads/db/requests.cpp workloads/db/rivals.cpp workloads/db/stage.cpp)
  foreach(package IN ITEMS sqlite lmdb)
    if(TARGET weir_${package})
      target_link_libraries(${target} PUBLIC weir_${package})
    endif()
  endforeach()
endfunction()
