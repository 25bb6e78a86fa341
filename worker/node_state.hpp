#pragma once

#include "worker/node_actor.hpp"
#include "worker/variant_actor.hpp"

#include <caf/typed_event_based_actor.hpp>

#include <chrono>
#include <functional>
#include <memory>
#include <random>
#include <string>
#include <unordered_map>
#include <vector>

// What the sources of the NODE share. Included by worker/node_*.cpp only: node_actor.cpp is the
// table of messages and the beat, node_joining.cpp finds the coordinator that leads, and
// node_hosting.cpp takes variants in and lets them go.
namespace varia::hosting {

inline constexpr std::chrono::seconds patience{10};

// What the coordinator sees, what the own worker sees, and what a NODE tells itself: its beat, that
// it is time to look for a coordinator, and whether it is empty.
using impl_actor = node_actor::extend_with<host_actor>::extend<
  caf::reacts_to<atom::tick>, caf::reacts_to<atom::dial>, caf::reacts_to<atom::resign>>;

// A variant that is hosted, and one whose past is still being read.
struct hosted_variant {
  variant_actor actor;
  token owner;
};
struct arriving_variant {
  assignment what;
  bool woken = false;
  bool restart = false;
};

struct node_state {
  static inline const char* name = "node";

  node_config config;
  node_store_actor store;
  dialer_actor dialer;
  coordinator_actor coordinator; ///< Invalid while not joined.
  leadership leader;             ///< As the store told last.
  leadership joined;             ///< What it told of the coordinator that took us in.
  bool seeking = false;          ///< A coordinator is being asked to take us in.
  size_t tries = 0;              ///< Since we were last taken in.
  time_ms lease_until = 0;       ///< By our own clock.
  bool holding = false;          ///< The RUNTIME begins nothing.
  bool parting = false;          ///< We are about to stop.
  std::function<void()> look;    ///< Whether we may go, once nothing runs any more.
  std::mt19937_64 chance;
  std::shared_ptr<variant_peers> peers;
  std::unordered_map<std::string, hosted_variant> hosted;
  std::unordered_map<std::string, arriving_variant> arriving;
};

using self_ptr = impl_actor::stateful_pointer<node_state>;

// The way to the coordinator.
void seek(self_ptr self);
void lose_coordinator(self_ptr self);

// Variants.
caf::result<atom::ok> put(self_ptr self, std::vector<assignment>& variants);
caf::result<std::vector<std::string>> yield(self_ptr self, uint64_t epoch,
                                            const std::vector<std::string>& ids, uint64_t deadline);
caf::result<atom::ok> leave(self_ptr self, uint64_t epoch, const hosted_list& which);
void drop(self_ptr self, const std::string& id);
void wake(self_ptr self, const std::vector<std::string>& ids, bool restart);
void cancel(self_ptr self, const std::vector<std::string>& ids, const std::string& why);
void lose(self_ptr self, const std::string& id, const token& owner);

} // namespace varia::hosting
