// For catalogue files: enters a channel into the registry.
//
//   // needs: <CMake package> <target>           only when it is a library's
//   template <class T> using MyPark = Waiting<MyRing<T>, Park>;
//   const Enter<MyPark> park{"my_ring:park", "one line about it"};
//
// The channel is a template over the message; its contract says which messages it carries.
#pragma once

#include <string_view>

#include "channels/channel.hpp"
#include "harness/registry.hpp"
#include "workloads/probes.hpp"

namespace weir {

namespace detail {

template <class T>
constexpr bool carries(MessageRule rule) {
  switch (rule) {
    case MessageRule::nothrow_movable:
      return Message<T>;
    case MessageRule::trivially_copyable:
      return std::is_trivially_copyable_v<T>;
    case MessageRule::nonzero_word:
      return std::is_trivially_copyable_v<T> && sizeof(T) == 8;
  }
  return false;
}

template <class P>
constexpr bool by_message() {
  for (const std::string_view key : P::kKeys) {
    if (key == "msg") return true;
  }
  return false;
}

template <template <class> class C, class P, class... Ts>
void add_runs(std::string_view channel, Types<Ts...>) {
  constexpr MessageRule kRule = C<Payload<8>>::kContract.message;
  const auto add = [&]<class T>(Types<T>) {
    if constexpr (carries<T>(kRule)) {
      static_assert(
          BlockingChannel<C<T>>,
          "a catalogue entry has sender().send() and receiver().recv(), noexcept, and kContract");
      registry().add_run(P::kName, channel, by_message<P>() ? kMessageKey<T> : "",
                         &P::template run<C<T>>);
    }
  };
  (add(Types<Ts>{}), ...);
}

template <template <class> class C, class... Ps>
void add_probes(std::string_view channel, Types<Ps...>) {
  static_assert((Probe<Ps> && ...));
  (registry().add_workload({Ps::kName, Ps::kSummary, {Ps::kKeys.begin(), Ps::kKeys.end()}}), ...);
  (add_runs<C, Ps>(channel, typename Ps::Messages{}), ...);
}

}  // namespace detail

/// Enters `C` under `name` when it is constructed, before main().
template <template <class> class C>
class Enter {
 public:
  Enter(std::string_view name, std::string_view summary) {
    using Sample = C<Payload<8>>;
    registry().add_channel({.name = std::string(name),
                            .summary = std::string(summary),
                            .contract = Sample::kContract,
                            .batch = BatchChannel<Sample>,
                            .sized = SizedChannel<Sample>,
                            .own = Sample::kContract.source.name == "Weir",
#ifdef WEIR_CHANNEL_FILE
                            .from_file = true,
#endif
                            .kind = EntryKind::channel});
    detail::add_probes<C>(name, Probes{});
  }
};

/// Enters the hand-written loop against which the adapter of `channel` is measured.
class EnterNative {
 public:
  EnterNative(std::string_view channel, NativeLoop loop) {
    registry().add_native(channel, std::move(loop));
  }
};

}  // namespace weir
