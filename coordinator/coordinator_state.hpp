#pragma once

#include "actors/interfaces.hpp"
#include "coordinator/coordinator_actor.hpp"
#include "coordinator/pace.hpp"
#include "coordinator/placement.hpp"
#include "coordinator/registry.hpp"

#include <caf/typed_event_based_actor.hpp>

#include <chrono>
#include <map>
#include <optional>
#include <random>
#include <set>
#include <string>
#include <unordered_map>
#include <vector>

// What the sources of the COORDINATOR share. Included by coordinator/coordinator_*.cpp only:
// coordinator_actor.cpp is the table of messages, coordinator_lead.cpp wins, passes on and loses
// the lead, coordinator_workers.cpp knows who is there, coordinator_placing.cpp gives variants to
// workers, coordinator_moves.cpp takes them from one to give them to another, and
// coordinator_commands.cpp does what applications ask for.
namespace varia::coordinating {

// The public interface, and the COORDINATOR's own second hands: for its lease, for the leases of
// workers, and for what has waited for the pace of placement.
using impl_actor
  = coordinator_actor::extend<caf::reacts_to<atom::tick>, caf::reacts_to<atom::workers>,
                              caf::reacts_to<atom::place>>;

// No single step takes longer against a healthy store or worker.
inline constexpr std::chrono::seconds patience{10};

// A worker that has joined.
struct member {
  node_actor node;
  std::string boot;
  std::string address;
  worker_labels labels;
  worker_load load;
  worker_duty duty = worker_duty::active;
  bool leaving = false;
  time_ms drained_at = 0; ///< When scripts that still run there are interrupted.

  bool takes_more() const { return duty == worker_duty::active && !leaving; }
  bool empties() const { return duty == worker_duty::draining || leaving; }
};

struct state {
  static inline const char* name = "coordinator";

  coordinator_config config;
  coordinator_peers peers;
  time_ms retention_due = 0;     ///< When the next round of the RETENTION begins.
  std::optional<uint64_t> epoch; ///< Set while leading, the registry being loaded.
  bool loading = false;
  std::string server_id;   ///< Of the Redis that the registry was loaded from.
  time_ms lease_until = 0; ///< By our own clock; we stop acting a little before it.
  time_ms judge_from = 0;  ///< From when on a worker without a lease counts as lost.
  registry variants;
  std::map<std::string, member> workers;
  std::map<std::string, time_ms> absent; ///< Owners that have not joined, and since when.
  std::set<std::string> homeless;        ///< Ids of variants that need a worker.
  std::unordered_map<std::string, std::string> wishes; ///< Id to the worker it shall have next.
  std::set<std::string> moving;                        ///< Ids whose workers are to let them go.
  std::set<std::string> unheard; ///< Ids for which something waits that their worker was not told.
  size_t yielding = 0;           ///< Of those, how many running ones were asked for.
  time_ms rebalanced_at = 0;     ///< When workers were evened out last.
  time_ms lost_at = -1;          ///< When a worker was lost whose variants are not placed yet.
  time_ms measured_at = -1;      ///< When what costs something was measured last.
  uint64_t last_epoch = 0;       ///< Under which this coordinator led last.
  uint64_t doubted = 0;          ///< The last epoch under which a write got no answer; 0: none.
  bool placing = false;          ///< A round of placement is under way.
  std::optional<pace> placements;
  std::mt19937_64 chance;
};

using self_ptr = impl_actor::stateful_pointer<state>;

// Fails with `fenced` unless we lead.
caf::error check_lead(self_ptr self);

// Leadership.
void beat(self_ptr self);
void step_down(self_ptr self, const std::string& why);
void mind_fence(self_ptr self, const caf::error& why);

// A write that got no answer may have come, or may still come: what we hold of it is in doubt.
void mind_doubt(self_ptr self, const caf::error& why);
caf::result<atom::ok> promote(self_ptr self, const std::string& name);

// Workers.
caf::result<atom::ok> join(self_ptr self, const join_request& request, node_actor node);
caf::result<atom::ok> note_load(self_ptr self, const std::string& worker, const worker_load& load);
caf::result<atom::ok> leave(self_ptr self, const std::string& worker, uint64_t deadline);
caf::result<atom::ok> lost(self_ptr self, const std::string& worker, const std::string& id,
                           const token& owner);
caf::result<atom::ok> cordon(self_ptr self, const std::string& worker, bool on);
caf::result<atom::ok> drain(self_ptr self, const std::string& worker, uint64_t deadline);
void lose_node(self_ptr self, const caf::actor_addr& node);
void watch_workers(self_ptr self);
void measure(self_ptr self);
std::vector<worker_capacity> open_workers(self_ptr self);

// Placement.
void wake_variants(self_ptr self, const std::vector<std::string>& ids, bool restart);
void make_homeless(self_ptr self, const std::vector<std::string>& ids);
void place_homeless(self_ptr self);
void send_assignments(self_ptr self, const std::vector<std::string>& ids);
void send_leave(self_ptr self, const std::string& worker, const hosted_list& which);

// Moves.
void tend_moves(self_ptr self);
caf::result<atom::ok> move(self_ptr self, const variant_key& key, const std::string& worker,
                           uint64_t deadline);
caf::result<std::vector<planned_move>> rebalance(self_ptr self, bool apply);

// Commands.
caf::result<variant_entry> add(self_ptr self, const variant_key& key, const std::string& id,
                               bool paused, const timing& of_function);
caf::result<atom::ok> remove(self_ptr self, const variant_key& key);
caf::result<batch_result> change(self_ptr self, const variant_batch& batch);
caf::result<atom::ok> set_limit(self_ptr self, const limit_change& what);
caf::result<atom::ok> set_paused(self_ptr self, const std::vector<variant_key>& keys, bool paused,
                                 const std::string& reason);
caf::result<atom::ok> cancel(self_ptr self, const std::vector<variant_key>& keys,
                             const std::string& reason);
caf::result<atom::ok> wake(self_ptr self, const std::vector<variant_key>& keys);
caf::result<atom::ok> trigger(self_ptr self, const std::vector<variant_key>& keys,
                              trigger_options options);
caf::result<atom::ok> set_frequency(self_ptr self, const variant_key& key, const std::string& text,
                                    const timing& of_function);
caf::result<atom::ok> set_schedule(self_ptr self, const variant_key& key, const std::string& text,
                                   bool replaces_frequency, const timing& of_function);
caf::result<atom::ok> ensure(self_ptr self, const std::vector<sync_wish>& wishes);
caf::result<atom::ok> forget(self_ptr self, const std::vector<sync_id>& syncs);

} // namespace varia::coordinating
