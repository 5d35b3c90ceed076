#include "harness/case.hpp"

#include <array>
#include <charconv>

#include "harness/error.hpp"
#include "harness/registry.hpp"
#include "harness/scenario/words.hpp"

namespace weir {
namespace {

template <class Number>
Number parse(std::string_view key, std::string_view text, Number lowest) {
  Number value{};
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc{} || end != text.data() + text.size() || value < lowest) {
    throw UsageError("parameter '" + std::string(key) + "': '" + std::string(text) +
                     "' is not a whole number from " + std::to_string(lowest) + " on");
  }
  return value;
}

std::string place_name(Place place) {
  switch (place) {
    case Place::one:
      return "one";
    case Place::spread:
      return "spread";
    case Place::free:
      return "free";
  }
  return "";
}

Place parse_place(std::string_view text) {
  for (const Place place : {Place::one, Place::spread, Place::free}) {
    if (place_name(place) == text) return place;
  }
  throw unknown("place", text, {"one", "spread", "free"});
}

std::int64_t parse_bound(std::string_view text) {
  constexpr std::int64_t kLeastNs = 1'000;  // what a clock reading and its uncertainty allow
  const std::int64_t ns = scenario::parse_duration(text);
  if (ns < kLeastNs)
    throw UsageError("bound '" + std::string(text) + "' is below what the clock resolves: 1us");
  return ns;
}

std::string parse_word(std::string_view what, std::string_view text,
                       std::initializer_list<std::string> words) {
  for (const std::string& word : words) {
    if (word == text) return word;
  }
  throw unknown(what, text, words);
}

constexpr std::array kKeys{
    ParamKey{"p", "senders", false, [](const Case& c) { return std::to_string(c.producers); },
             [](Case& c, std::string_view v) { c.producers = parse("p", v, 1); }},
    ParamKey{"c", "receivers", false, [](const Case& c) { return std::to_string(c.consumers); },
             [](Case& c, std::string_view v) { c.consumers = parse("c", v, 1); }},
    ParamKey{"cap", "capacity, messages", false,
             [](const Case& c) { return std::to_string(c.capacity); },
             [](Case& c, std::string_view v) { c.capacity = parse<std::size_t>("cap", v, 1); }},
    ParamKey{"msg", "message: bytes, or unique_ptr", false, [](const Case& c) { return c.message; },
             [](Case& c, std::string_view v) {
               c.message = parse_word("message", v, {"8", "16", "64", "256", "unique_ptr"});
             }},
    ParamKey{"work", "dependent arithmetic before each send, ns", false,
             [](const Case& c) { return std::to_string(c.send_work_ns); },
             [](Case& c, std::string_view v) { c.send_work_ns = parse("work", v, 0); }},
    ParamKey{"rwork", "dependent arithmetic after each receive, ns", true,
             [](const Case& c) { return std::to_string(c.recv_work_ns); },
             [](Case& c, std::string_view v) { c.recv_work_ns = parse("rwork", v, 0); }},
    ParamKey{"batch", "messages an operation", true,
             [](const Case& c) { return std::to_string(c.batch); },
             [](Case& c, std::string_view v) { c.batch = parse("batch", v, 1); }},
    ParamKey{
        "min", "messages to receive before the window may close", true,
        [](const Case& c) { return std::to_string(c.min_messages); },
        [](Case& c, std::string_view v) { c.min_messages = parse<std::uint64_t>("min", v, 0); }},
    ParamKey{"rate", "messages a second, over all senders", true,
             [](const Case& c) { return std::to_string(c.rate); },
             [](Case& c, std::string_view v) { c.rate = parse<std::uint64_t>("rate", v, 1); }},
    ParamKey{"load", "rate, percent of the channel's own capacity", true,
             [](const Case& c) { return std::to_string(c.load); },
             [](Case& c, std::string_view v) { c.load = parse("load", v, 1); }},
    ParamKey{"arrivals", "when messages are due", true, [](const Case& c) { return c.arrivals; },
             [](Case& c, std::string_view v) { c.arrivals = scenario::check_arrivals(v); }},
    ParamKey{"service", "what a receiver does with each message", true,
             [](const Case& c) { return c.service; },
             [](Case& c, std::string_view v) { c.service = scenario::check_service(v); }},
    ParamKey{"full", "what a sender does when the channel is full", true,
             [](const Case& c) { return c.full; },
             [](Case& c, std::string_view v) { c.full = scenario::check_on_full(v); }},
    ParamKey{"take", "how a receiver takes what is there", true,
             [](const Case& c) { return c.take; },
             [](Case& c, std::string_view v) { c.take = scenario::check_take(v); }},
    ParamKey{"stall", "how long a role stands still", true,
             [](const Case& c) { return scenario::duration_text(c.stall_ns); },
             [](Case& c, std::string_view v) { c.stall_ns = scenario::parse_duration(v); }},
    ParamKey{"stages", "channels in a row", true,
             [](const Case& c) { return std::to_string(c.stages); },
             [](Case& c, std::string_view v) { c.stages = parse("stages", v, 1); }},
    ParamKey{"tokens", "messages that each task of a ring puts in", true,
             [](const Case& c) { return std::to_string(c.tokens); },
             [](Case& c, std::string_view v) { c.tokens = parse("tokens", v, 1); }},
    ParamKey{"pollute", "bytes that each role touches between two messages", true,
             [](const Case& c) { return std::to_string(c.pollute); },
             [](Case& c, std::string_view v) { c.pollute = scenario::parse_bytes(v); }},
    ParamKey{"bound", "what p99 must stay under", true,
             [](const Case& c) { return scenario::duration_text(c.bound_ns); },
             [](Case& c, std::string_view v) { c.bound_ns = parse_bound(v); }},
    ParamKey{"clock", "which clock the roles read: monotonic | tsc", true,
             [](const Case& c) { return c.clock; },
             [](Case& c, std::string_view v) {
               c.clock = parse_word("clock", v, {"monotonic", "tsc"});
             }},
    ParamKey{"store", "which database", false, [](const Case& c) { return c.store; },
             [](Case& c, std::string_view v) {
               c.store = parse_word(
                   "store", v,
                   {"array", "hash", "sqlite-full", "sqlite-normal", "lmdb", "lmdb-nosync"});
             }},
    ParamKey{"rows", "rows of the database", true,
             [](const Case& c) { return std::to_string(c.rows); },
             [](Case& c, std::string_view v) { c.rows = parse<std::uint64_t>("rows", v, 1); }},
    ParamKey{"keys", "which rows: uniform | zipfian | latest", true,
             [](const Case& c) { return c.keys; },
             [](Case& c, std::string_view v) {
               c.keys = parse_word("keys", v, {"uniform", "zipfian", "latest"});
             }},
    ParamKey{"mix", "update | a (half reads) | b (95 % reads), as YCSB's", true,
             [](const Case& c) { return c.mix; },
             [](Case& c, std::string_view v) {
               c.mix = parse_word("mix", v, {"update", "a", "b"});
             }},
    ParamKey{"value", "bytes of a row's value", true,
             [](const Case& c) { return std::to_string(c.value_bytes); },
             [](Case& c, std::string_view v) { c.value_bytes = parse("value", v, 1); }},
    ParamKey{"window", "unanswered requests a task may have; 0: fire and forget", true,
             [](const Case& c) { return std::to_string(c.window); },
             [](Case& c, std::string_view v) { c.window = parse("window", v, 0); }},
    ParamKey{"group", "requests in one transaction, at most", true,
             [](const Case& c) { return std::to_string(c.group); },
             [](Case& c, std::string_view v) { c.group = parse("group", v, 1); }},
    ParamKey{"linger", "how long a group waits for more", true,
             [](const Case& c) { return scenario::duration_text(c.linger_ns); },
             [](Case& c, std::string_view v) { c.linger_ns = scenario::parse_duration(v); }},
    ParamKey{"flush", "requests after which a task asks for a commit; 0: never", true,
             [](const Case& c) { return std::to_string(c.flush); },
             [](Case& c, std::string_view v) { c.flush = parse("flush", v, 0); }},
    ParamKey{"place", "one | spread | free", false,
             [](const Case& c) { return place_name(c.place); },
             [](Case& c, std::string_view v) { c.place = parse_place(v); }},
};

}  // namespace

std::span<const ParamKey> param_keys() { return kKeys; }

const ParamKey* find_param(std::string_view key) {
  for (const ParamKey& param : kKeys) {
    if (param.key == key) return &param;
  }
  return nullptr;
}

std::string Case::id() const {
  std::string id = workload + "/" + channel;
  const Case defaults;
  const Workload* known = registry().find_workload(workload);
  for (const ParamKey& param : kKeys) {
    if (known != nullptr && !known->has_key(param.key)) continue;
    const std::string value = param.get(*this);
    if (param.optional && value == param.get(defaults)) continue;
    id += "/" + std::string(param.key) + ":" + value;
  }
  return id;
}

}  // namespace weir
