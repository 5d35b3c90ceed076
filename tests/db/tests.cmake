# The databases and the proxy over them.
weir_test(test_databases LABEL db FILES db/databases.cpp)
weir_test(test_requests LABEL db FILES db/requests.cpp)
weir_test(test_oracle LABEL db FILES db/oracle.cpp)
weir_test(test_owner LABEL db FILES db/owner.cpp)
weir_test(test_failing_commits LABEL db FILES db/failing_commits.cpp)
foreach(test IN ITEMS owner failing_commits)
  target_include_directories(test_${test} PRIVATE ${PROJECT_SOURCE_DIR}/tests/channels)
endforeach()
