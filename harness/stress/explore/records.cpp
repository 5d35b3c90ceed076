#include "harness/stress/explore/records.hpp"

#include <fmt/core.h>

#include "harness/message.hpp"
#include "harness/stress/explore/heap.hpp"
#include "harness/stress/explore/world.hpp"

namespace weir::explore {
namespace {

stress::Kind kind_of(Act act) noexcept {
  switch (act) {
    case Act::send:
      return stress::Kind::send;
    case Act::try_send:
      return stress::Kind::try_send;
    case Act::send_until:
      return stress::Kind::send_until;
    case Act::recv:
    case Act::drain:
      return stress::Kind::recv;
    case Act::try_recv:
      return stress::Kind::try_recv;
    case Act::recv_until:
      return stress::Kind::recv_until;
    case Act::close:
      return stress::Kind::close;
  }
  return stress::Kind::close;
}

std::string message(std::uint64_t word) {
  const MessageId id = MessageId::of(word);
  return fmt::format("{}.{}", id.sender, id.sequence);
}

std::string_view word_of(SendStatus status) noexcept {
  switch (status) {
    case SendStatus::ok:
      return "ok";
    case SendStatus::full:
      return "full";
    case SendStatus::closed:
      return "closed";
    case SendStatus::timed_out:
      return "timed out";
    case SendStatus::dropped:
      return "dropped";
    case SendStatus::evicted:
      return "evicted";
  }
  return "";
}

std::string_view word_of(RecvStatus status) noexcept {
  switch (status) {
    case RecvStatus::ok:
      return "ok";
    case RecvStatus::empty:
      return "empty";
    case RecvStatus::closed:
      return "closed";
    case RecvStatus::timed_out:
      return "timed out";
  }
  return "";
}

}  // namespace

void Records::clear(std::size_t threads) {
  threads_.resize(threads);
  for (auto& thread : threads_) thread.clear();
  drained = false;
}

void Records::invoke(std::size_t thread, Act act, std::uint64_t word) {
  const OwnMemory own;
  World& world = World::the();
  std::string name;
  if (world.traced()) {
    name = word == 0 ? name_of(act) : fmt::format("{} {}", name_of(act), message(word));
  }
  threads_[thread].push_back({.invoked = world.invoke(name),
                              .value = word,
                              .kind = kind_of(act),
                              .thread = static_cast<std::uint16_t>(thread)});
}

void Records::respond(std::size_t thread, SendStatus status, std::uint64_t left) {
  const OwnMemory own;
  World& world = World::the();
  last(thread).responded = world.respond(word_of(status));
  last(thread).status = static_cast<std::uint8_t>(status);
  if (status != SendStatus::evicted) return;
  stress::Operation other_half = last(thread);
  other_half.value = left;
  other_half.kind = stress::Kind::evict;
  other_half.status = 0;
  threads_[thread].push_back(other_half);
}

void Records::respond(std::size_t thread, RecvStatus status, std::uint64_t word) {
  const OwnMemory own;
  World& world = World::the();
  const bool got = status == RecvStatus::ok;
  std::string result(word_of(status));
  if (world.traced() && got && word != 0) result = message(word);
  last(thread).responded = world.respond(result);
  last(thread).value = got ? word : 0;
  last(thread).status = static_cast<std::uint8_t>(status);
}

void Records::respond_closed(std::size_t thread) {
  const OwnMemory own;
  last(thread).responded = World::the().respond("closed");
}

std::uint64_t Records::hash() const noexcept {
  std::uint64_t hash = drained ? 1 : 0;
  for (const auto& thread : threads_) {
    hash = mix(hash, thread.size());
    for (const stress::Operation& operation : thread) {
      hash = mix(hash, operation.invoked << 32 | operation.responded);
      hash = mix(hash, operation.value);
      hash = mix(hash, static_cast<std::uint64_t>(operation.kind) << 8 | operation.status);
    }
  }
  return hash;
}

}  // namespace weir::explore
