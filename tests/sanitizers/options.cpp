// What the sanitizers are told, in the program itself, so that a test run by hand behaves as under
// ctest, and its children too: the first finding ends the process.

extern "C" {

const char* __asan_default_options();
const char* __ubsan_default_options();
const char* __tsan_default_options();

const char* __asan_default_options() { return "detect_stack_use_after_return=1"; }
const char* __ubsan_default_options() { return "halt_on_error=1:print_stacktrace=1"; }
const char* __tsan_default_options() {
  return "halt_on_error=1:suppressions=" WEIR_SUPPRESSIONS "/tsan.supp";
}

}  // extern "C"
