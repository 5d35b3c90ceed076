// One explored run: a few roles, of which one runs at a time, and all that they share. Before each
// step that another role could see or influence, the chooser says who goes on; everything between
// two such steps is as if it took no time.
//
// What is simulated: atomic objects with the stale reads that relaxed, acquire and release allow
// (world_memory.cpp), plain cells, mutexes, condition variables, semaphores, futexes, the
// asymmetric fence, pauses, and a clock that moves only when somebody's deadline passes.
#pragma once

#include <array>
#include <atomic>
#include <cstdint>
#include <functional>
#include <source_location>
#include <string>
#include <string_view>
#include <vector>

#include "channels/channel.hpp"
#include "harness/stress/explore/choice.hpp"
#include "harness/stress/explore/clocks.hpp"
#include "harness/stress/explore/fiber.hpp"
#include "harness/stress/explore/heap.hpp"
#include "harness/stress/explore/objects.hpp"

namespace weir::explore {

using Where = std::source_location;

enum class Trouble : std::uint8_t {
  none,
  deadlock,      ///< nobody can go on, and somebody waits for a lock
  lost_wakeup,   ///< nobody can go on: all who are left sleep
  livelock,      ///< all who are left pause and look again, and nothing changes
  race,          ///< a plain cell or a new object is used without an order to its last use
  dead_object,   ///< what was freed is used
  slot,          ///< a message put over another, or taken where there is none
  wrong_result,  ///< what came out is not what the contract allows
  too_long,      ///< more steps than a run may have
};
[[nodiscard]] std::string_view name_of(Trouble trouble) noexcept;

struct Ending {
  Trouble trouble = Trouble::none;
  std::string words;    ///< one sentence
  bool pruned = false;  ///< given up: what follows was seen before
  std::uint64_t steps = 0;
};

/// What a role did, for the trace.
struct Event {
  std::uint8_t role = 0;
  std::string words;
};

class World {
 public:
  using Body = std::function<void(World&)>;

  World();
  ~World();
  World(const World&) = delete;
  World& operator=(const World&) = delete;

  /// The one that runs.
  static World& the() noexcept { return *the_; }

  /// Plays `body` as role 0 to its end, or until something is wrong.
  Ending run(const Body& body, Chooser& chooser, std::uint64_t most_steps, bool traced = false);
  /// Of the last run, if it was traced.
  [[nodiscard]] const std::vector<Event>& events() const noexcept { return events_; }
  [[nodiscard]] bool traced() const noexcept { return traced_; }
  [[nodiscard]] const Choices& choices() const noexcept { return choices_; }
  [[nodiscard]] std::size_t roles() const noexcept { return started_; }
  [[nodiscard]] const char* name(std::size_t role) const noexcept { return roles_[role].name; }

  // --- by role 0

  /// A role that calls `body`, which must outlive join().
  template <class F>
  void spawn(const char* name, const F& body) {
    start(
        name, [](const void* self) { (*static_cast<const F*>(self))(); }, &body);
  }
  /// Waits until all other roles have ended.
  void join();
  /// The run is wrong: it ends here.
  [[noreturn]] void fail(std::string words);

  // --- by a role, around each operation that the oracle judges

  /// Moments: a later call returns more. Others may come first.
  std::uint64_t invoke(std::string_view operation);
  std::uint64_t respond(std::string_view result);
  /// Whether some load of this run read an older store than it could have.
  [[nodiscard]] bool read_stale() const noexcept { return read_stale_; }

  // --- by ExploreSync

  std::uint64_t load(const Word& word, std::memory_order order, const Where& where);
  void store(Word& word, std::uint64_t value, std::memory_order order, const Where& where);
  std::uint64_t add(Word& word, std::uint64_t by, std::uint64_t mask, std::memory_order order,
                    const Where& where);
  std::uint64_t set_bits(Word& word, std::uint64_t bits, std::memory_order order,
                         const Where& where);
  std::uint64_t exchange(Word& word, std::uint64_t value, std::memory_order order,
                         const Where& where);
  bool compare_exchange(Word& word, std::uint64_t& expected, std::uint64_t desired,
                        std::memory_order success, std::memory_order failure, const Where& where);
  void wait_while(const Word& word, std::uint64_t old, std::memory_order order, const Where& where);
  void notify(const Word& word, std::size_t count, const Where& where);
  static void make(Word& word, std::uint64_t value) noexcept;
  static void bury(const Word& word) noexcept;

  enum class Use : std::uint8_t { put, take, drop };
  void use(Plain& cell, Use use);
  /// Reads what `use` put there; several roles may.
  void look(const Plain& cell);

  /// What futex_wait() returned for.
  enum class Woke : std::uint8_t { woken, differs, timed_out };
  Woke futex_wait(const Word& word, std::uint64_t expected, const Deadline* deadline,
                  const Where& where);
  void futex_wake(const Word& word, std::size_t count, const Where& where);

  void lock(Lockable& mutex);
  void unlock(Lockable& mutex) noexcept;
  /// The mutex is held. False when the deadline passed.
  bool wait(const void* condition, Lockable& mutex, const Deadline* deadline);
  void notify(const void* condition, std::size_t count);

  bool acquire(Countable& permits, bool wait, const Deadline* deadline);
  void release(Countable& permits);

  void light_fence();
  void heavy_fence();
  void pause();
  [[nodiscard]] Deadline now();
  void point(const char* name);

 private:
  enum class State : std::uint8_t { absent, ready, spinning, waiting, finished };
  enum class Sleep : std::uint8_t { none, lock, wake, join };

  struct Role {
    const char* name = "";
    void (*body)(const void*) = nullptr;
    const void* self = nullptr;
    State state = State::absent;
    Sleep sleep = Sleep::none;
    const void* waits_for = nullptr;  ///< the object it waits at
    std::uint64_t queued = 0;         ///< since when
    bool timed = false;
    bool timed_out = false;
    Deadline deadline{};
    std::uint64_t spun_at = 0;        ///< changes_ at its last pause
    std::uint64_t fresh_at = kNever;  ///< changes_ since which it has read nothing stale
    int fresh_pauses = 0;
    bool reads_clock = false;  ///< since it went on last
    int clock_looks = 0;
    std::uint32_t operations = 0;  ///< that it ended
    Knowledge known;
    std::uint64_t past = 0;  ///< hash of all that it did and saw
    Fiber fiber;
  };
  static constexpr std::uint64_t kNever = UINT64_MAX;
  static constexpr int kFreshPauses = 120;  // beyond what any wait policy pauses before it sleeps

  Role& self() noexcept { return roles_[current_]; }
  [[nodiscard]] bool alone() const noexcept { return live_ < 2; }

  // --- scheduling: world.cpp
  void start(const char* name, void (*body)(const void*), const void* self);
  static void enter();
  void step();      ///< others may come first; then the role's next step begins
  void give_way();  ///< the role cannot go on: someone else does
  bool sleep(Sleep kind, const void* object, const Deadline* deadline);  ///< false: timed out
  [[nodiscard]] bool can_run(const Role& role) const noexcept;
  void collect_roles(bool preempts);
  std::size_t no_role_can_run();
  void switch_to(std::size_t role);
  void wake(const void* object, std::size_t count);
  std::size_t decide(Choice kind);
  bool surprise();
  void tick() noexcept;
  void remember(std::uint64_t what) noexcept { self().past = mix(self().past, what); }
  void pass_through(std::uint64_t& order) noexcept;
  [[noreturn]] void end(Trouble trouble, std::string words);
  [[noreturn]] void leave();
  std::string who_waits() const;
  std::uint64_t state_hash() const noexcept;
  void changed() noexcept { ++changes_; }

  // --- memory: world_memory.cpp
  Location& at(const Word& word);
  Location& enter_location(const Word& word);
  [[nodiscard]] std::size_t oldest(const Location& location, bool seq_cst) const noexcept;
  void offer_stores(const Location& location, bool seq_cst);
  std::uint64_t observe(Location& location, std::size_t index, std::memory_order order);
  void append(Location& location, std::uint64_t value, std::memory_order order, bool modifies);
  template <class Change>
  std::uint64_t modify(Word& word, std::memory_order order, const Where& where, const char* verb,
                       const Change& change);

  void note(std::string words);
  [[nodiscard]] std::string label(const void* object);

  static inline World* the_ = nullptr;
  Heap heap_;
  Fiber host_;
  std::array<Role, kMostRoles> roles_;
  std::size_t started_ = 0;
  std::size_t live_ = 0;  // started, and not at their end
  std::size_t current_ = 0;
  std::uint32_t run_ = 0;
  bool running_ = false;
  const Body* body_ = nullptr;
  Chooser* chooser_ = nullptr;
  Choices choices_;
  std::vector<Option> options_;
  std::uint64_t steps_ = 0;
  std::uint64_t most_steps_ = 0;
  std::uint64_t changes_ = 0;
  std::uint64_t queue_ticket_ = 0;
  std::uint64_t moment_ = 0;
  std::uint64_t ended_operations_ = 0;  // hash: of whom, how many
  Deadline now_{};
  bool read_stale_ = false;
  Ending ending_;

  std::vector<Location> locations_;
  std::size_t used_locations_ = 0;
  std::uint64_t memory_hash_ = 0;
  std::uint64_t fence_hash_ = 0;
  std::uint32_t seq_cst_ = 0;
  Clocks light_fences_;  // what those who passed one had seen
  Clocks heavy_fences_;

  bool traced_ = false;
  std::vector<Event> events_;
  std::vector<const void*> labels_;
};

}  // namespace weir::explore
