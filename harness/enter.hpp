// For catalogue files: enters a channel into the registry.
//
//   // needs: <CMake package> <target>           only when it is a library's
//   struct MyPark {
//     template <class T, class Sync = StdSync>
//     using Channel = Waiting<MyRing<T, Sync>, Park>;
//   };
//   const Enter<MyPark> park{"my_ring:park", "one line about it"};
//
// The channel is a template over the message; its contract says which messages it carries. If it
// also takes a Sync policy, stress attacks it a second time with delays at its atomic operations,
// and can explore its schedules on simulated ones.
// It stands in a struct, in an anonymous namespace, because a struct there belongs to its file: two
// files may use one name. (An alias template does not: GCC merges what is instantiated over two of
// one name.)
#pragma once

#include <string_view>
#include <typeinfo>

#include "channels/channel.hpp"
#include "harness/any_channel.hpp"
#include "harness/registry.hpp"
#include "harness/stress/delay_sync.hpp"
#include "harness/stress/explore/play.hpp"
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

/// The channel under DelaySync; an empty factory if the channel takes no Sync.
template <class Family>
AnyFactory delayed() {
  if constexpr (requires { typename Family::template Channel<Token, DelaySync>; }) {
    return erase<typename Family::template Channel<Token, DelaySync>>();
  } else {
    return {};
  }
}

/// The channel with messages of that many bytes, for scenarios; an empty factory if it carries
/// words only.
template <class Family, class T>
AnyFactoryOf<T> larger() {
  if constexpr (carries<T>(Family::template Channel<Token>::kContract.message)) {
    return erase<typename Family::template Channel<T>>();
  } else {
    return {};
  }
}

template <class P>
constexpr bool by_message() {
  for (const std::string_view key : P::kKeys) {
    if (key == "msg") return true;
  }
  return false;
}

template <class Family, class P, class... Ts>
void add_runs(std::string_view channel, Types<Ts...>) {
  constexpr MessageRule kRule = Family::template Channel<Payload<8>>::kContract.message;
  const auto add = [&]<class T>(Types<T>) {
    if constexpr (carries<T>(kRule)) {
      using C = typename Family::template Channel<T>;
      static_assert(
          BlockingChannel<C>,
          "a catalogue entry has sender().send() and receiver().recv(), noexcept, and kContract");
      registry().add_run(P::kName, channel, by_message<P>() ? kMessageKey<T> : "",
                         &P::template run<C>);
    }
  };
  (add(Types<Ts>{}), ...);
}

template <class Family, class... Ps>
void add_probes(std::string_view channel, Types<Ps...>) {
  static_assert((Probe<Ps> && ...));
  (registry().add_workload({Ps::kName, Ps::kSummary, {Ps::kKeys.begin(), Ps::kKeys.end()}}), ...);
  (add_runs<Family, Ps>(channel, typename Ps::Messages{}), ...);
}

}  // namespace detail

namespace detail {

template <class Family>
ChannelEntry entry_of(std::string_view name, std::string_view summary) {
  using Sample = typename Family::template Channel<Token>;
  return {.name = std::string(name),
          .summary = std::string(summary),
          .contract = Sample::kContract,
          .batch = BatchChannel<Sample>,
          .sized = SizedChannel<Sample>,
          .own = Sample::kContract.source.name == "Weir",
#ifdef WEIR_CHANNEL_FILE
          .from_file = true,
#endif
          .kind = EntryKind::channel,
          .type = typeid(Sample),
          .any = erase<Sample>(),
          .delayed = delayed<Family>(),
          .explored = explore::play_of<Family>(),
          .any_64 = larger<Family, Payload<64>>(),
          .any_256 = larger<Family, Payload<256>>(),
          .elements = stress::elements_of<Family, Sample::kContract.message>()};
}

}  // namespace detail

/// Enters `Family::Channel` under `name` when it is constructed, before main().
template <class Family>
class Enter {
 public:
  Enter(std::string_view name, std::string_view summary) {
    registry().add_channel(detail::entry_of<Family>(name, summary));
    detail::add_probes<Family>(name, Probes{});
  }
};

/// The same for stress alone, without workloads: compiles in a third of the time.
template <class Family>
class EnterForStress {
 public:
  EnterForStress(std::string_view name, std::string_view summary) {
    registry().add_channel(detail::entry_of<Family>(name, summary));
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
