# Installs the channels for other programs: find_package(weir), target weir::channels. Headers alone.
include(CMakePackageConfigHelpers)
include(GNUInstallDirs)

set(weir_package ${CMAKE_INSTALL_LIBDIR}/cmake/weir)
set_target_properties(weir_channels PROPERTIES EXPORT_NAME channels)
install(TARGETS weir_channels EXPORT weir_targets COMPONENT channels)
install(DIRECTORY ${PROJECT_SOURCE_DIR}/channels DESTINATION ${CMAKE_INSTALL_INCLUDEDIR}/weir COMPONENT channels
        FILES_MATCHING PATTERN "*.hpp" PATTERN catalogue EXCLUDE)
install(EXPORT weir_targets NAMESPACE weir:: FILE weirTargets.cmake DESTINATION ${weir_package} COMPONENT channels)
file(WRITE ${PROJECT_BINARY_DIR}/generated/weirConfig.cmake
  "include(CMakeFindDependencyMacro)\nfind_dependency(Threads)\ninclude(\${CMAKE_CURRENT_LIST_DIR}/weirTargets.cmake)\n")
write_basic_package_version_file(${PROJECT_BINARY_DIR}/generated/weirConfigVersion.cmake
  VERSION ${PROJECT_VERSION} COMPATIBILITY SameMinorVersion ARCH_INDEPENDENT)
install(FILES ${PROJECT_BINARY_DIR}/generated/weirConfig.cmake ${PROJECT_BINARY_DIR}/generated/weirConfigVersion.cmake
        DESTINATION ${weir_package} COMPONENT channels)
