// Where the threads of a child stand when it hangs or crashes. The child writes into a file that
// the watching process holds too, so that the stacks outlive it.
#pragma once

#include <sys/types.h>

#include <string>

namespace weir {

/// A file in memory that a child inherits.
class StackFile {
 public:
  /// Throws std::system_error.
  StackFile();
  StackFile(const StackFile&) = delete;
  StackFile& operator=(const StackFile&) = delete;
  ~StackFile();

  /// In the child: from now on a crash writes its stack here, and a request that of the thread it
  /// reaches.
  void install_in_child() const;

  /// In the watching process: asks every thread of the child for its stack.
  void ask_all_threads(pid_t child) const;

  /// What was written, with names made readable: the frames of each thread, innermost first.
  [[nodiscard]] std::string text() const;

 private:
  int file_;
};

}  // namespace weir
