#pragma once

#include "actors/interfaces.hpp"
#include "coordinator/coordinator_actor.hpp"
#include "coordinator/placement.hpp"
#include "coordinator/registry.hpp"

#include <caf/typed_event_based_actor.hpp>

#include <chrono>
#include <map>
#include <optional>
#include <random>
#include <set>
#include <string>
#include <vector>

// What the sources of the COORDINATOR share. Included by coordinator/coordinator_*.cpp only:
// coordinator_actor.cpp is the table of messages, coordinator_lead.cpp wins and loses the lead,
// coordinator_workers.cpp knows the workers and gives them variants, coordinator_commands.cpp does
// what applications ask for.
namespace varia::coordinating {

// The public interface, and the COORDINATOR's own second hand.
using impl_actor = coordinator_actor::extend<caf::reacts_to<atom::tick>>;

// No single step takes longer against a healthy store or worker.
inline constexpr std::chrono::seconds patience{10};

// A worker that has joined.
struct member {
  node_actor node;
  std::string boot;
  std::string address;
  worker_load load;
  bool leaving = false;
};

struct state {
  static inline const char* name = "coordinator";

  coordinator_config config;
  store_actor store;
  retention_actor retention;     ///< None if all records are kept for ever.
  time_ms retention_due = 0;     ///< When its next round begins.
  std::optional<uint64_t> epoch; ///< Set while leading, the registry being loaded.
  bool loading = false;
  time_ms lease_until = 0; ///< By our own clock; we stop acting a little before it.
  registry variants{0};
  std::map<std::string, member> workers;
  std::map<std::string, time_ms> absent; ///< Owners that have not joined, and since when.
  std::set<std::string> homeless;        ///< Ids of variants that need a worker.
  bool placing = false;                  ///< A round of placement is under way.
  std::mt19937_64 chance;
};

using self_ptr = impl_actor::stateful_pointer<state>;

// Fails with `unavailable` unless we lead.
caf::error check_lead(self_ptr self);

// Leadership.
void beat(self_ptr self);
void step_down(self_ptr self, const caf::error& why);

// Workers and placement.
caf::result<atom::ok> join(self_ptr self, const join_request& request, node_actor node);
caf::result<atom::ok> leave(self_ptr self, const std::string& worker);
void lose_node(self_ptr self, const caf::actor_addr& node);
void check_absent(self_ptr self);
void place_homeless(self_ptr self);
void send_assignments(self_ptr self, const std::vector<std::string>& ids);
void send_leave(self_ptr self, const std::string& worker, const std::vector<std::string>& ids);

// Commands.
caf::result<variant_entry> add(self_ptr self, const variant_key& key, bool paused, uint64_t period);
caf::result<atom::ok> remove(self_ptr self, const variant_key& key);
caf::result<atom::ok> set_paused(self_ptr self, const std::vector<variant_key>& keys, bool paused);
caf::result<atom::ok> wake(self_ptr self, const std::vector<variant_key>& keys);
caf::result<atom::ok> trigger(self_ptr self, const std::vector<variant_key>& keys,
                              trigger_options options);
caf::result<atom::ok> set_frequency(self_ptr self, const variant_key& key, const std::string& text,
                                    uint64_t period);
caf::result<atom::ok> ensure(self_ptr self, const std::vector<sync_wish>& wishes);
caf::result<atom::ok> forget(self_ptr self, const std::vector<sync_id>& syncs);

} // namespace varia::coordinating
