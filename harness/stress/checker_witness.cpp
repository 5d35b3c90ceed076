#include "harness/stress/checker_witness.hpp"

#include <algorithm>
#include <array>
#include <map>
#include <string_view>

namespace weir::stress {
namespace {

constexpr std::array<std::string_view, 8> kKinds{"send",     "try_send",   "send_until", "recv",
                                                 "try_recv", "recv_until", "close",      "evict"};
constexpr std::array<std::string_view, 6> kSendAnswers{"ok",        "full",    "closed",
                                                       "timed_out", "dropped", "evicted"};
constexpr std::array<std::string_view, 4> kRecvAnswers{"ok", "empty", "closed", "timed_out"};

std::string short_name(std::uint64_t word) {
  const MessageId id = MessageId::of(word);
  return std::to_string(id.sender) + "." + std::to_string(id.sequence);
}

/// "send 0.7", "try_recv: empty"
std::string label(const Operation& operation) {
  std::string text(kKinds[static_cast<std::size_t>(operation.kind)]);
  const std::string_view said = answer(operation);
  const bool names_message =
      operation.is_send() || operation.kind == Kind::evict || (operation.is_recv() && said == "ok");
  if (names_message) text.append(" ").append(short_name(operation.value));
  if (operation.pending()) return text.append("...");
  if (said != "ok" && operation.kind != Kind::close) text.append(": ").append(said);
  return text;
}

/// Gives each stamp a column, so that every label fits between the ends of its operation.
class Columns {
 public:
  explicit Columns(const std::vector<Operation>& operations) {
    std::map<Stamp, std::vector<const Operation*>> ends;
    for (const Operation& operation : operations) {
      ends[operation.invoked];
      ends[operation.responded].push_back(&operation);
    }
    std::size_t next = 0;
    for (const auto& [stamp, ending] : ends) {
      std::size_t column = next;
      for (const Operation* operation : ending) {
        if (operation->invoked == stamp) continue;
        column = std::max(column, of_[operation->invoked] + label(*operation).size() + 3);
      }
      of_[stamp] = column;
      next = column + 2;
    }
  }
  [[nodiscard]] std::size_t of(Stamp stamp) const { return of_.at(stamp); }

 private:
  std::map<Stamp, std::size_t> of_;
};

struct Line {
  std::string name;
  std::string text{};
};

/// "|--label--|" between two columns.
void draw(std::string& text, const std::string& what, std::size_t from, std::size_t to) {
  const std::size_t inner = std::max(to - from, what.size() + 1) - 1;
  const std::size_t before = (inner - what.size()) / 2;
  text.resize(from, ' ');
  text.append("|").append(before, '-').append(what);
  text.append(inner - what.size() - before, '-').append("|");
}

}  // namespace

std::string message_in_words(std::uint64_t word) {
  const MessageId id = MessageId::of(word);
  return "message " + std::to_string(id.sequence) + " of sender " + std::to_string(id.sender);
}

std::string who(const Operation& operation) {
  const std::string number = std::to_string(operation.thread);
  if (operation.is_recv()) return "receiver " + number;
  return (operation.kind == Kind::close ? "closer " : "sender ") + number;
}

std::string_view answer(const Operation& operation) {
  if (operation.is_send()) return kSendAnswers[operation.status % kSendAnswers.size()];
  if (operation.is_recv()) return kRecvAnswers[operation.status % kRecvAnswers.size()];
  return "ok";
}

std::string when(const Operation& operation, Stamp origin) {
  std::string text = "[";
  text += std::to_string(operation.invoked - origin) + ", ";
  text += operation.pending() ? "...)" : std::to_string(operation.responded - origin) + "]";
  return text;
}

Stamp origin_of(const History& history) noexcept {
  Stamp origin = kNever;
  for (std::size_t thread = 0; thread < history.threads(); ++thread) {
    const std::size_t begin = history.begin_of(thread);
    if (begin == history.end_of(thread)) continue;
    origin = std::min(origin, history.operations()[begin].invoked);
  }
  return origin;
}

std::string picture_of(const std::vector<Operation>& operations) {
  const Columns columns(operations);
  std::vector<const Operation*> in_order;
  for (const Operation& operation : operations) in_order.push_back(&operation);
  std::sort(in_order.begin(), in_order.end(), [](const Operation* a, const Operation* b) {
    return a->invoked < b->invoked || (a->invoked == b->invoked && a->responded < b->responded);
  });
  std::vector<Line> lines;
  for (const Operation* each : in_order) {
    const Operation& operation = *each;
    const std::string name = who(operation);
    const std::size_t from = columns.of(operation.invoked);
    // Operations of one thread may overlap (a batch, a widened interval): then on a line more.
    auto line = std::find_if(lines.begin(), lines.end(), [&](const Line& candidate) {
      return candidate.name == name && candidate.text.size() < from + 1;
    });
    if (line == lines.end()) line = lines.insert(lines.end(), Line{name});
    draw(line->text, label(operation), from, columns.of(operation.responded));
  }
  std::stable_sort(lines.begin(), lines.end(), [](const Line& a, const Line& b) {
    // senders, receivers, closers, each by number
    if (a.name.front() != b.name.front()) return a.name.front() > b.name.front();
    return a.name.size() != b.name.size() ? a.name.size() < b.name.size() : a.name < b.name;
  });
  std::size_t width = 0;
  for (const Line& line : lines) width = std::max(width, line.name.size());
  std::string picture;
  for (const Line& line : lines) {
    picture.append("  ").append(line.name).append(width - line.name.size() + 2, ' ');
    picture.append(line.text).append("\n");
  }
  return picture;
}

}  // namespace weir::stress
