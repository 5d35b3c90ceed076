#include "harness/result_file.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <fstream>
#include <nlohmann/json.hpp>

#include "harness/error.hpp"

namespace weir {

ResultFile::ResultFile(std::filesystem::path path) : path_(std::move(path)) {
  file_ = ::open(path_.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0644);
  if (file_ < 0) throw UsageError("cannot write '" + path_.string() + "': " + std::strerror(errno));
  std::ifstream in(path_);
  std::uintmax_t whole = 0;
  for (std::string line; std::getline(in, line) && !in.eof(); whole += line.size() + 1) {
    const Json record = Json::parse(line, nullptr, false);
    if (!record.is_object())
      throw UsageError("'" + path_.string() +
                       "' holds a line that is no record: not a result file");
    done_.emplace(record.value("id", ""), record.value("round", 0));
  }
  if (std::filesystem::file_size(path_) > whole) std::filesystem::resize_file(path_, whole);
}

ResultFile::~ResultFile() { ::close(file_); }

void ResultFile::append(const Json& record) {
  const std::string line = record.dump() + "\n";
  const std::uintmax_t before = std::filesystem::file_size(path_);
  const ssize_t written = ::write(file_, line.data(), line.size());
  if (written == static_cast<ssize_t>(line.size())) return;
  const std::string reason = written < 0 ? std::strerror(errno) : "no space left";
  std::error_code ignored;
  std::filesystem::resize_file(path_, before, ignored);  // nothing half-written stays
  throw UsageError("cannot write '" + path_.string() + "': " + reason +
                   "; the trials before are kept");
}

}  // namespace weir
