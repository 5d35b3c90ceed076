// Bounded channels in a row, as one: what is sent goes into the first, what is received comes out
// of the last, and a thread of its own carries each message from one to the next. When the last is
// full, so is, message by message, each before it, and in the end the sender waits: backpressure
// from end to end.
//
//   senders --> channel 0 --> stage --> channel 1 --> stage --> channel 2 --> receivers
//
// Closing the first closes each after it once it is drained. A stage holds one message in its
// hands: n channels of capacity c hold n * c + n - 1.
#pragma once

#include <memory>
#include <thread>
#include <vector>

#include "harness/any_channel.hpp"

namespace weir::scenario {

template <class T>
class Pipeline final : public AnyChannelOf<T> {
 public:
  /// The channel has a close.
  Pipeline(const AnyFactoryOf<T>& factory, std::size_t capacity, int channels)
      : sized_(factory.operations.sized) {
    for (int i = 0; i < channels; ++i) channels_.push_back(factory.make(capacity));
    for (std::size_t i = 0; i + 1 < channels_.size(); ++i)
      stages_.emplace_back([this, i] { carry(*channels_[i], *channels_[i + 1]); });
  }
  Pipeline(const Pipeline&) = delete;
  Pipeline& operator=(const Pipeline&) = delete;
  /// Whoever still waits in it is sent home.
  ~Pipeline() override {
    for (const auto& channel : channels_) channel->close();
  }

  std::unique_ptr<AnySenderOf<T>> sender() override { return channels_.front()->sender(); }
  std::unique_ptr<AnyReceiverOf<T>> receiver() override { return channels_.back()->receiver(); }
  void close() noexcept override { channels_.front()->close(); }
  std::size_t size_hint() const noexcept override {
    std::size_t sum = 0;
    for (const auto& channel : channels_) sum += sized_ ? channel->size_hint() : 0;
    return sum;
  }
  SideTimes time_sides(int times, std::size_t at_once) override {
    return channels_.front()->time_sides(times, at_once);
  }

 private:
  static void carry(AnyChannelOf<T>& from, AnyChannelOf<T>& to) {
    const auto receiver = from.receiver();
    const auto sender = to.sender();
    T message{};
    while (receiver->recv(message) == RecvStatus::ok) {
      // A policy of the channel's own may drop here: the ledger of the trial then misses it.
      if (sender->send(message) != SendStatus::ok) break;
    }
    to.close();
  }

  bool sized_;
  std::vector<std::unique_ptr<AnyChannelOf<T>>> channels_;
  std::vector<std::jthread> stages_;  // end first: they use the channels
};

}  // namespace weir::scenario
