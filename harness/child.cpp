#include "harness/child.hpp"

#include <poll.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <iostream>
#include <new>
#include <system_error>
#include <utility>

#include "harness/stacks.hpp"

namespace weir {

std::atomic<bool> interrupted{false};

namespace {

using std::chrono::milliseconds;

/// Both ends of a pipe.
class Pipe {
 public:
  Pipe() {
    if (::pipe(ends_.data()) != 0) throw std::system_error(errno, std::generic_category(), "pipe");
  }
  Pipe(const Pipe&) = delete;
  Pipe& operator=(const Pipe&) = delete;
  ~Pipe() {
    close_end(0);
    close_end(1);
  }
  [[nodiscard]] int read_end() const { return ends_[0]; }
  [[nodiscard]] int write_end() const { return ends_[1]; }
  void close_end(std::size_t end) {
    if (ends_[end] >= 0) ::close(std::exchange(ends_[end], -1));
  }

 private:
  std::array<int, 2> ends_{-1, -1};
};

[[noreturn]] void be_the_child(const std::function<std::string(Board&)>& body, Board& board,
                               const StackFile& stacks, int out) {
  ::prctl(PR_SET_PDEATHSIG, SIGKILL);  // no orphan burns a core
  ::signal(SIGINT, SIG_IGN);           // the watching process decides
  stacks.install_in_child();
  const std::string text = body(board);
  for (std::size_t sent = 0; sent < text.size();) {
    const ssize_t count = ::write(out, text.data() + sent, text.size() - sent);
    if (count < 0) break;
    sent += static_cast<std::size_t>(count);
  }
#if defined(__SANITIZE_THREAD__) || defined(__SANITIZE_ADDRESS__)
  std::exit(0);  // the sanitizers have their say at exit
#else
  ::_exit(0);
#endif
}

std::string describe_states(const Board& board) {
  static constexpr std::array kStates{"starting", "at the gate", "running", "ended"};
  std::string text;
  const std::uint32_t count = board.roles.load(std::memory_order_acquire);
  for (std::uint32_t i = 0; i < count; ++i) {
    const BoardLine& line = board.lines[i];
    if (!text.empty()) text += "; ";
    text += std::string(line.name) + " " + kStates[static_cast<std::size_t>(line.state.load())] +
            " after " + std::to_string(line.progress.load()) + " messages";
  }
  return text.empty() ? "no role had started" : text;
}

/// Watches one child until it is done or has to be ended.
class Watch {
 public:
  Watch(pid_t child, int pipe, const Board& board, const StackFile& stacks, const Limits& limits)
      : child_(child), pipe_(pipe), board_(board), stacks_(stacks), limits_(limits) {}

  /// Reads what the child writes until it closes the pipe. Ends the child when it must.
  void until_done() {
    constexpr int kTickMs = 20;
    const std::int64_t start = MonotonicClock::now_ns();
    constexpr std::int64_t kPauseNs = 500'000'000;
    std::int64_t moved_ns = start;
    std::int64_t looked_ns = start;
    std::uint64_t last_progress = 0;
    for (;;) {
      if (read_some(kTickMs)) break;
      const std::int64_t now = MonotonicClock::now_ns();
      // Who was not let look for so long was on a machine that stood still: so did the child.
      if (now - looked_ns > kPauseNs) moved_ns += now - looked_ns;
      looked_ns = now;
      if (const std::uint64_t progress = this->progress(); progress != last_progress) {
        last_progress = progress;
        moved_ns = now;
      }
      if (interrupted) return end_child("", "");
      const milliseconds still =
          std::chrono::duration_cast<milliseconds>(std::chrono::nanoseconds(now - moved_ns));
      if (still >= limits_.hang_after) {
        return end_child("hang", "no progress for " + std::to_string(still.count()) +
                                     " ms: " + describe_states(board_));
      }
      if (now - start >= std::chrono::nanoseconds(limits_.at_most).count()) {
        return end_child("hang", "not done after " + std::to_string(limits_.at_most.count()) +
                                     " ms: " + describe_states(board_));
      }
      if (const std::int64_t kib = sys::resident_kib(child_); kib > limits_.memory_kib) {
        return end_child("memory", "used " + std::to_string(kib >> 10) +
                                       " MiB, more than the limit of " +
                                       std::to_string(limits_.memory_kib >> 10) + " MiB");
      }
    }
    int status = 0;
    while (::waitpid(child_, &status, 0) < 0 && errno == EINTR) {
    }
    if (WIFSIGNALED(status)) {
      failure_ = "signal";
      reason_ = std::string("ended by signal ") + ::strsignal(WTERMSIG(status)) + ": " +
                describe_states(board_);
    } else if (WEXITSTATUS(status) != 0) {
      failure_ = "exit";
      reason_ = "ended with exit status " + std::to_string(WEXITSTATUS(status)) + ": " +
                describe_states(board_);
    }
  }

  [[nodiscard]] const std::string& text() const { return text_; }
  [[nodiscard]] const std::string& failure() const { return failure_; }
  [[nodiscard]] const std::string& reason() const { return reason_; }

 private:
  /// True when the child closed its end.
  bool read_some(int timeout_ms) {
    pollfd ready{pipe_, POLLIN, 0};
    if (::poll(&ready, 1, timeout_ms) <= 0) return false;
    std::array<char, 65536> buffer;
    const ssize_t count = ::read(pipe_, buffer.data(), buffer.size());
    if (count > 0) text_.append(buffer.data(), static_cast<std::size_t>(count));
    return count == 0;
  }

  [[nodiscard]] std::uint64_t progress() const {
    std::uint64_t sum = board_.heartbeat.load(std::memory_order_relaxed);
    const std::uint32_t count = board_.roles.load(std::memory_order_acquire);
    for (std::uint32_t i = 0; i < count; ++i) {
      sum += board_.lines[i].progress.load(std::memory_order_relaxed);
      sum += static_cast<std::uint64_t>(board_.lines[i].state.load(std::memory_order_relaxed));
    }
    return sum;
  }

  void end_child(std::string failure, std::string reason) {
    if (failure == "hang") stacks_.ask_all_threads(child_);
    ::kill(child_, SIGKILL);
    while (::waitpid(child_, nullptr, 0) < 0 && errno == EINTR) {
    }
    failure_ = std::move(failure);
    reason_ = std::move(reason);
  }

  pid_t child_;
  int pipe_;
  const Board& board_;
  const StackFile& stacks_;
  const Limits& limits_;
  std::string text_;
  std::string failure_;
  std::string reason_;
};

}  // namespace

ChildOutcome run_in_child(const std::function<std::string(Board&)>& body, const Limits& limits) {
  const sys::Pages shared(sizeof(Board), sys::Pages::Visibility::shared_with_children);
  Board& board = *new (shared.data()) Board{};
  const StackFile stacks;
  Pipe pipe;
  std::fflush(nullptr);
  std::cout.flush();
  const pid_t child = ::fork();
  if (child < 0) throw std::system_error(errno, std::generic_category(), "fork");
  if (child == 0) {
    pipe.close_end(0);
    be_the_child(body, board, stacks, pipe.write_end());
  }
  pipe.close_end(1);
  Watch watch(child, pipe.read_end(), board, stacks, limits);
  watch.until_done();
  return {watch.text(), watch.failure(), watch.reason(),
          watch.failure().empty() ? std::string() : stacks.text()};
}

}  // namespace weir
