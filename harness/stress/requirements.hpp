// Why a case does not apply to a channel, in words; empty when it does.
#pragma once

#include <string_view>

#include "harness/registry.hpp"
#include "harness/stress/subjects.hpp"

namespace weir::stress::requirements {

inline std::string_view none(const ChannelEntry&) { return ""; }

inline std::string_view no_delays(const ChannelEntry& channel) {
  return channel.name.ends_with(kDelays) ? "takes too long with delays" : "";
}

inline std::string_view tries(const ChannelEntry& channel) {
  return channel.any.operations.tries ? "" : "no try-forms";
}
inline std::string_view timed(const ChannelEntry& channel) {
  return channel.any.operations.timed ? "" : "no time-outs";
}
inline std::string_view batches(const ChannelEntry& channel) {
  return channel.any.operations.batches ? "" : "no batches";
}
inline std::string_view closes(const ChannelEntry& channel) {
  return channel.any.operations.closes ? "" : "no close()";
}
inline std::string_view sized(const ChannelEntry& channel) {
  return channel.any.operations.sized ? tries(channel) : "no size hint";
}
/// Whether a thread can send and then receive what it sent.
inline std::string_view stores(const ChannelEntry& channel) {
  return channel.contract.bound == Bound::rendezvous ? "holds no message" : "";
}
inline std::string_view bounded(const ChannelEntry& channel) {
  return channel.contract.bound == Bound::unbounded ? "unbounded" : "";
}
inline std::string_view exact_bound(const ChannelEntry& channel) {
  return channel.contract.bound == Bound::exact ? tries(channel) : "no exact bound";
}
/// Whether `full` and `empty` can be held against it.
inline std::string_view exact_answers(const ChannelEntry& channel) {
  if (channel.contract.empty == Answer::spurious || channel.contract.full == Answer::spurious) {
    return "full or empty may be spurious";
  }
  return exact_bound(channel);
}
inline std::string_view many_senders(const ChannelEntry& channel) {
  return channel.contract.producers == Side::many ? "" : "one sender only";
}
inline std::string_view many_both(const ChannelEntry& channel) {
  if (channel.contract.consumers == Side::one) return "one receiver only";
  return many_senders(channel);
}
/// Whether a send waits for room; one that is never short of room counts too.
inline std::string_view waits(const ChannelEntry& channel) {
  const Contract& contract = channel.contract;
  const bool never_full = contract.bound == Bound::unbounded;
  return contract.overflow == Overflow::block || never_full ? "" : "a send never waits";
}
/// Whether one thread can wait while another does.
inline std::string_view waits_together(const ChannelEntry& channel) {
  const Contract& contract = channel.contract;
  const bool senders = contract.overflow == Overflow::block && contract.bound != Bound::unbounded;
  return senders || contract.consumers == Side::many ? "" : "only one thread ever waits";
}
/// Whether what finds the channel full stays with its sender.
inline std::string_view refuses(const ChannelEntry& channel) {
  return channel.contract.overflow == Overflow::drop_oldest ? "never refuses a message" : "";
}
inline std::string_view fails(const ChannelEntry& channel) {
  return channel.contract.overflow == Overflow::fail ? bounded(channel) : "a send never fails";
}
inline std::string_view drops(const ChannelEntry& channel) {
  return channel.contract.overflow == Overflow::drop_newest ? "" : "never drops a message";
}
inline std::string_view evicts(const ChannelEntry& channel) {
  return channel.contract.overflow == Overflow::drop_oldest ? "" : "never evicts a message";
}

/// All of several.
template <auto... kRequirements>
std::string_view all(const ChannelEntry& channel) {
  std::string_view reason;
  ((reason = reason.empty() ? kRequirements(channel) : reason), ...);
  return reason;
}

}  // namespace weir::stress::requirements
