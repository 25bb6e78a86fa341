#pragma once

#include "core/error.hpp"
#include "core/time.hpp"

#include <caf/actor.hpp>
#include <caf/actor_addr.hpp>
#include <caf/actor_system.hpp>
#include <caf/actor_system_config.hpp>
#include <caf/scheduler/test_coordinator.hpp>

#include <chrono>
#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <random>
#include <string>
#include <unordered_map>
#include <utility>
#include <vector>

namespace varia::test {

using std::chrono::microseconds;

/// A process of a simulated cluster; numbers are never used again.
using process_id = size_t;

/// A machine of a simulated cluster.
using host_id = size_t;

/// Time, chance and processes of a simulation. All actors of all processes live in one actor system
/// with one thread; whose they are is told by the process in whose name they were spawned. What
/// happens at the same time happens in an order that the seed decides, and so does everything else:
/// one seed is one history.
class world {
public:
  explicit world(uint64_t seed);
  ~world();

  world(const world&) = delete;
  world& operator=(const world&) = delete;

  caf::actor_system& system() { return system_; }

  // Chance.
  uint64_t roll(uint64_t below) { return chance_() % below; }
  bool one_in(uint64_t n) { return roll(n) == 0; }
  microseconds between(microseconds least, microseconds most);

  // Time.
  microseconds now() const;
  time_ms now_ms() const { return epoch_ms + now().count() / 1000; }

  /// Does something later, in nobody's name.
  void after(microseconds wait, std::function<void()> work);

  /// Has a process do something later: late if it is halted then, and never if it has ended.
  void after(microseconds wait, process_id who, std::function<void()> work);

  // Processes.
  process_id begin(host_id host, std::string name);

  /// Spawns in the name of a process: whatever `work` spawns belongs to it.
  void in(process_id who, const std::function<void()>& work);

  /// Ends a process at once, whatever it was doing.
  void end(process_id who);

  /// Stops a process where it is, or lets it go on: as SIGSTOP and SIGCONT do.
  void halt(process_id who, bool on);

  bool is_alive(process_id who) const { return processes_[who].alive; }
  bool is_halted(process_id who) const { return processes_[who].halted; }
  host_id host_of(process_id who) const { return processes_[who].host; }
  const std::string& name_of(process_id who) const { return processes_[who].name; }
  size_t processes() const { return processes_.size(); }

  /// The process whose actor works at this moment.
  process_id current() const { return current_; }

  /// Lets all happen until then, but for what comes later.
  void run_until(microseconds then);

  /// Tells what happens, if somebody listens.
  void log(const std::string& what) const;

  std::function<void(const std::string&)> listener;
  bool traces_messages = false; ///< Tells of each message between processes, too.

  /// Nobody's process: what the simulation itself does.
  static constexpr process_id nobody = 0;

private:
  static constexpr time_ms epoch_ms = 1'700'000'000'000;

  struct process {
    host_id host = 0;
    std::string name;
    bool alive = true;
    bool halted = false;
    caf::actor hands;                    ///< Does what `after` asks of the process.
    std::vector<caf::actor_addr> actors; ///< That have ever worked in it.
    std::deque<caf::resumable*> held;    ///< Its actors that would work, were it not halted.
    std::map<uint64_t, std::function<void()>> work;
  };

  struct event {
    process_id who;
    std::function<void()> work;
  };

  caf::scheduler::test_coordinator& scheduler() const;
  void drain_jobs();
  void run_job();
  void do_due();
  void adopt();
  microseconds next_event() const;
  caf::actor spawn_hands(process_id who);

  std::mt19937_64 chance_;
  caf::actor_system_config config_;
  mutable caf::actor_system system_;
  std::chrono::steady_clock::time_point started_;
  std::multimap<microseconds, event> events_;
  std::vector<process> processes_;
  std::vector<uint32_t> owners_; ///< By actor id.
  std::vector<bool> seen_;       ///< Those that are among the actors of their process.
  process_id current_ = nobody;
  uint64_t last_work_ = 0;
};

} // namespace varia::test
