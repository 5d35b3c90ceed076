#include "harness/system.hpp"

#include <fcntl.h>
#include <pthread.h>
#include <sched.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <time.h>
#include <unistd.h>

#include <cerrno>
#include <charconv>
#include <fstream>
#include <new>
#include <string_view>
#include <system_error>
#include <utility>

#include "harness/clock.hpp"

namespace weir::sys {

std::vector<int> allowed_cpus() {
  cpu_set_t set;
  CPU_ZERO(&set);
  if (::sched_getaffinity(0, sizeof set, &set) != 0)
    throw std::system_error(errno, std::generic_category(), "affinity");
  std::vector<int> cpus;
  for (std::size_t cpu = 0; cpu < CPU_SETSIZE; ++cpu) {
    if (CPU_ISSET(cpu, &set)) cpus.push_back(static_cast<int>(cpu));
  }
  return cpus;
}

void pin_to(int cpu) {
  cpu_set_t set;
  CPU_ZERO(&set);
  CPU_SET(static_cast<std::size_t>(cpu), &set);
  if (::sched_setaffinity(0, sizeof set, &set) != 0) {
    throw std::system_error(errno, std::generic_category(),
                            "cannot pin to processor " + std::to_string(cpu));
  }
}

ThreadUsage thread_usage() noexcept {
  rusage usage{};
  ::getrusage(RUSAGE_THREAD, &usage);
  return {thread_cpu_ns(), usage.ru_nvcsw, usage.ru_nivcsw};
}

std::int64_t thread_cpu_ns() noexcept {
  timespec time{};
  ::clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time);
  return ns_of(time);
}

ThreadClock ThreadClock::of_caller() noexcept {
  ThreadClock clock;
  ::pthread_getcpuclockid(::pthread_self(), &clock.clock_);
  return clock;
}

std::int64_t ThreadClock::now_ns() const noexcept {
  timespec time{};
  return ::clock_gettime(clock_, &time) == 0 ? ns_of(time) : 0;
}

double steal_ms() {
  std::ifstream stat("/proc/stat");
  std::string label;
  stat >> label;
  double ticks = 0;
  for (int field = 0; field < 8; ++field)
    stat >> ticks;  // user nice system idle iowait irq softirq steal
  return stat ? ticks * 1000.0 / static_cast<double>(::sysconf(_SC_CLK_TCK)) : 0.0;
}

ResidentGauge::ResidentGauge(pid_t pid)
    : file_(::open(("/proc/" + std::to_string(pid) + "/statm").c_str(), O_RDONLY | O_CLOEXEC)) {}

ResidentGauge::~ResidentGauge() {
  if (file_ >= 0) ::close(file_);
}

std::int64_t ResidentGauge::kib() const noexcept {
  char text[128];
  const ssize_t length = ::pread(file_, text, sizeof text, 0);
  const std::string_view line(text, length > 0 ? static_cast<std::size_t>(length) : 0);
  const std::size_t space = line.find(' ');
  if (space == std::string_view::npos) return 0;
  std::int64_t pages = 0;
  std::from_chars(line.data() + space + 1, line.data() + line.size(), pages);
  return pages * (::sysconf(_SC_PAGESIZE) / 1024);
}

std::int64_t resident_kib(pid_t pid) { return ResidentGauge(pid).kib(); }

std::int64_t peak_resident_kib() {
  rusage usage{};
  ::getrusage(RUSAGE_SELF, &usage);
  return usage.ru_maxrss;
}

Pages::Pages(std::size_t bytes, Visibility visibility) : bytes_(bytes) {
  const int sharing = visibility == Visibility::own ? MAP_PRIVATE : MAP_SHARED;
  data_ = ::mmap(nullptr, bytes, PROT_READ | PROT_WRITE, sharing | MAP_ANONYMOUS | MAP_NORESERVE,
                 -1, 0);
  if (data_ == MAP_FAILED) throw std::bad_alloc();
}

Pages::Pages(Pages&& other) noexcept
    : data_(std::exchange(other.data_, nullptr)), bytes_(other.bytes_) {}

Pages& Pages::operator=(Pages&& other) noexcept {
  std::swap(data_, other.data_);
  std::swap(bytes_, other.bytes_);
  return *this;
}

Pages::~Pages() {
  if (data_ != nullptr) ::munmap(data_, bytes_);
}

void sharpen_sleeps() noexcept { ::prctl(PR_SET_TIMERSLACK, 1UL); }

void sleep_for(std::chrono::nanoseconds time) noexcept {
  timespec left{};
  left.tv_sec = time.count() / 1'000'000'000;
  left.tv_nsec = time.count() % 1'000'000'000;
  while (::nanosleep(&left, &left) != 0 && errno == EINTR) {
  }
}

}  // namespace weir::sys
