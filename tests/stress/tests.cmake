# The checker of recorded histories against brute force and mutated histories, and programs that print its figures.
foreach(part IN ITEMS rules orders random mutations recording)
  weir_test(test_checker_${part} LABEL checker FILES stress/checker_${part}.cpp LIBRARIES weir_stress)
  target_include_directories(test_checker_${part} PRIVATE ${PROJECT_SOURCE_DIR}/tests/channels)
endforeach()

foreach(figure IN ITEMS speed recording_cost)
  add_executable(checker_${figure} EXCLUDE_FROM_ALL stress/checker_${figure}.cpp)
  target_link_libraries(checker_${figure} PRIVATE weir_stress)
endforeach()

# The explorer: what it sees of weak memory, and what it finds in channels that are sound and in ones that are not.
weir_test(test_explore_litmus LABEL explore FILES stress/explore_litmus.cpp ${explore}/new.cpp LIBRARIES weir_explore)
foreach(part IN ITEMS world finds channels)
  weir_test(test_explore_${part} LABEL explore FILES stress/explore_${part}.cpp ${explore}/new.cpp LIBRARIES weir_stress)
endforeach()
