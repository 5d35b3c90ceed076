#include "harness/stacks.hpp"

#include <cxxabi.h>
#include <execinfo.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <chrono>
#include <cstdlib>
#include <filesystem>
#include <memory>
#include <sstream>
#include <system_error>

#include "harness/system.hpp"

namespace weir {
namespace {

constexpr int kRequest = SIGUSR2;
int stack_file = -1;

void write_text(const char* text) {
  std::size_t length = 0;
  while (text[length] != '\0') ++length;
  [[maybe_unused]] const ssize_t written = ::write(stack_file, text, length);
}

/// Only what a signal handler may do.
void write_stack() {
  std::array<void*, 48> frames;
  const int count = ::backtrace(frames.data(), static_cast<int>(frames.size()));
  write_text("-- thread\n");
  ::backtrace_symbols_fd(frames.data(), count, stack_file);
}

void on_request(int) { write_stack(); }

#if !defined(__SANITIZE_ADDRESS__) && !defined(__SANITIZE_THREAD__)
void write_stack_of_crashes() {
  for (const int crash : {SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGABRT}) {
    ::signal(crash, [](int signal) {
      write_stack();
      ::signal(signal, SIG_DFL);
      ::raise(signal);
    });
  }
}
#else
void write_stack_of_crashes() {}  // the sanitizers print stacks of their own
#endif

/// "program(_ZN4weir4...+0x12) [0x55..]" becomes "weir::..."; a frame without a name is dropped.
std::string readable(const std::string& line) {
  const std::size_t open = line.find('(');
  const std::size_t plus = line.find('+', open);
  if (open == std::string::npos || plus == std::string::npos || plus == open + 1) return "";
  const std::string mangled = line.substr(open + 1, plus - open - 1);
  int status = 0;
  const std::unique_ptr<char, decltype(&std::free)> name(
      abi::__cxa_demangle(mangled.c_str(), nullptr, nullptr, &status), &std::free);
  return status == 0 ? name.get() : mangled;
}

}  // namespace

StackFile::StackFile() : file_(::memfd_create("stacks", MFD_CLOEXEC)) {
  if (file_ < 0) throw std::system_error(errno, std::generic_category(), "memfd_create");
}

StackFile::~StackFile() { ::close(file_); }

void StackFile::install_in_child() const {
  stack_file = file_;
  std::array<void*, 1> warm_up;
  ::backtrace(warm_up.data(), 1);  // loads what a handler may not load
  ::signal(kRequest, on_request);
  write_stack_of_crashes();
}

void StackFile::ask_all_threads(pid_t child) const {
  std::error_code error;
  for (const auto& task :
       std::filesystem::directory_iterator("/proc/" + std::to_string(child) + "/task", error)) {
    const auto thread = static_cast<pid_t>(std::stol(task.path().filename().string()));
    ::syscall(SYS_tgkill, child, thread, kRequest);
    sys::sleep_for(std::chrono::milliseconds(5));  // one at a time, so that stacks do not mix
  }
}

std::string StackFile::text() const {
  std::string raw;
  std::array<char, 4096> buffer;
  off_t offset = 0;
  for (;;) {
    const ssize_t count = ::pread(file_, buffer.data(), buffer.size(), offset);
    if (count <= 0) break;
    raw.append(buffer.data(), static_cast<std::size_t>(count));
    offset += count;
  }
  std::istringstream lines(raw);
  std::string text;
  for (std::string line; std::getline(lines, line);) {
    if (line.starts_with("--")) {
      text += line + "\n";
    } else if (const std::string name = readable(line); !name.empty()) {
      text += "   " + name + "\n";
    }
  }
  return text;
}

}  // namespace weir
