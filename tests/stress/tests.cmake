# The checker of recorded histories against brute force, and a program that prints its speed.
foreach(part IN ITEMS rules orders random)
  weir_test(test_checker_${part} LABEL checker FILES stress/checker_${part}.cpp LIBRARIES weir_stress)
  target_include_directories(test_checker_${part} PRIVATE ${PROJECT_SOURCE_DIR}/tests/channels)
endforeach()

add_executable(checker_speed EXCLUDE_FROM_ALL stress/checker_speed.cpp)
target_link_libraries(checker_speed PRIVATE weir_stress)
