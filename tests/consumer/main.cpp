// Two tasks send updates to a third, which owns the table, over each kind of channel.
#include <cstdio>
#include <memory>
#include <numeric>
#include <thread>
#include <vector>

#include "channels/block_list.hpp"
#include "channels/latest.hpp"
#include "channels/mpmc_ring.hpp"
#include "channels/mpsc_ring.hpp"
#include "channels/mutex_condvar.hpp"
#include "channels/overflow.hpp"
#include "channels/rendezvous.hpp"
#include "channels/spsc_ring.hpp"
#include "channels/swap_buffer.hpp"
#include "channels/waiting.hpp"

namespace {

using Update = std::unique_ptr<int>;

/// Whether everything that `tasks` sent arrived.
template <class Channel>
bool works(const char* name, int tasks) {
  constexpr int kUpdates = 1000;
  Channel channel(16);
  long sum = 0;
  std::thread owner([&] {
    auto receiver = channel.receiver();
    for (Update update; receiver.recv(update) == weir::RecvStatus::ok;) sum += *update;
  });
  std::vector<std::thread> senders;
  for (int task = 0; task < tasks; ++task) {
    senders.emplace_back([&] {
      auto sender = channel.sender();
      for (int i = 1; i <= kUpdates; ++i) static_cast<void>(sender.send(std::make_unique<int>(i)));
    });
  }
  for (std::thread& sender : senders) sender.join();
  channel.close();
  owner.join();
  const long expected = static_cast<long>(tasks) * kUpdates * (kUpdates + 1) / 2;
  if (sum != expected) std::printf("%s: %ld of %ld\n", name, sum, expected);
  return sum == expected;
}

}  // namespace

int main() {
  using namespace weir;
  bool fine = works<MutexCondvar<Update>>("mutex_condvar", 2);
  fine = works<Waiting<MpmcRing<Update>, Park>>("mpmc_ring", 2) && fine;
  fine = works<Waiting<MpscRing<Update>, Park>>("mpsc_ring", 2) && fine;
  fine = works<Waiting<SpscRing<Update>, Park>>("spsc_ring", 1) && fine;
  fine = works<SwapBuffer<Update>>("swap_buffer", 2) && fine;
  fine = works<Rendezvous<Update>>("rendezvous", 2) && fine;
  using Unbounded = Overflowing<Waiting<BlockList<Update>, Park>, Overflow::fail>;
  fine = works<Unbounded>("unbounded", 2) && fine;
  return fine ? 0 : 1;
}
