#pragma once

#include "tests/simulation/world.hpp"

#include <caf/actor_control_block.hpp>

#include <array>
#include <deque>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <utility>
#include <vector>

namespace varia::test {

/// The network between the processes of a simulation. It carries messages as connections between
/// two processes do: with delay, in order within a connection, and in any order otherwise. A cut
/// holds back what is under way; a connection that was silent for too long breaks, at each end by
/// itself, and what it held is lost. Whoever monitors an actor at the other end is told.
class network {
public:
  explicit network(world& all) : world_{all} {}

  /// Between two hosts.
  void cut(host_id a, host_id b);
  void heal(host_id a, host_id b);
  bool is_cut(host_id a, host_id b) const { return cuts_.count(pair_of(a, b)) > 0; }

  /// How an actor of another process looks from `from`, over a connection that exists or is made.
  caf::strong_actor_ptr connect(process_id from, process_id to,
                                const caf::strong_actor_ptr& target);

  /// A process has ended: its machine tells the others, unless it has no way to.
  void end(process_id who);

  /// A process was halted: the others will notice its silence.
  void halt(process_id who);

  /// How long a connection may be silent.
  static constexpr std::chrono::seconds silence_max{5};

  microseconds latency();

private:
  friend class far_actor;

  struct letter {
    caf::strong_actor_ptr to, from;
    caf::message_id id;
    caf::message content;
  };

  // One connection. Whatever is told of an end is in the place of that end.
  struct link {
    std::array<process_id, 2> ends{};
    std::array<bool, 2> open{true, true};
    std::array<microseconds, 2> last_arrival{};                         ///< There.
    std::array<std::deque<letter>, 2> stuck;                            ///< On their way there.
    std::array<std::map<caf::actor_id, caf::strong_actor_ptr>, 2> seen; ///< From there.
  };
  using link_ptr = std::shared_ptr<link>;

  caf::strong_actor_ptr look(const link_ptr& over, size_t from_end,
                             const caf::strong_actor_ptr& target);
  void send(const link_ptr& over, size_t from_end, letter what);
  void arrive(const link_ptr& over, size_t end, const letter& what);
  void deliver(const link_ptr& over, size_t end, const letter& what);
  void break_end(const link_ptr& over, size_t end);
  void break_if_silent(const link_ptr& over, uint64_t since);
  bool is_stalled(const link& over) const;
  void watch(const link_ptr& over);
  std::vector<link_ptr> links_of(process_id who) const;

  world& world_;
  // By value: `minmax` would hand out references to what may be gone.
  static std::pair<host_id, host_id> pair_of(host_id a, host_id b) {
    return {std::min(a, b), std::max(a, b)};
  }

  std::set<std::pair<host_id, host_id>> cuts_;
  std::vector<link_ptr> links_;
  uint64_t changes_ = 0; ///< Of what is cut and halted, to tell one silence from the next.
  std::map<const link*, uint64_t> silent_since_;
};

} // namespace varia::test
