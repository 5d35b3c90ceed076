// A file of JSON lines that grows by whole lines only.
#pragma once

#include <filesystem>
#include <set>
#include <string>
#include <utility>

#include "harness/record.hpp"

namespace weir {

class ResultFile {
 public:
  /// Opens or makes the file; cuts off a last line that was not finished. Throws UsageError where
  /// it cannot be written.
  explicit ResultFile(std::filesystem::path path);
  ResultFile(const ResultFile&) = delete;
  ResultFile& operator=(const ResultFile&) = delete;
  ~ResultFile();

  [[nodiscard]] bool has(const std::string& id, int round) const {
    return done_.contains({id, round});
  }

  /// Appends a line whole, or not at all: then it throws UsageError (a full disk).
  void append(const Json& record);

 private:
  std::filesystem::path path_;
  int file_ = -1;
  std::set<std::pair<std::string, int>> done_;
};

}  // namespace weir
