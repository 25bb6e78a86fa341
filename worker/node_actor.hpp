#pragma once

#include "actors/interfaces.hpp"
#include "worker/node_store_actor.hpp"

#include <caf/fwd.hpp>

#include <functional>

namespace varia {

struct node_config {
  worker_identity identity;
  std::string join;         ///< Where the coordinator is, host:port.
  milliseconds lease{3000}; ///< Of the worker; renewed three times as often.
  std::function<time_ms()> now;
};

/// Spawns the NODE of a worker. It asks the DIALER for the coordinator, joins, and joins again
/// whenever the connection is lost; what it hosts runs on meanwhile, because the tokens stay good
/// until the store names another owner.
host_actor spawn_node(caf::actor_system& system, node_config config, runtime_actor runtime,
                      node_store_actor store, dialer_actor dialer);

} // namespace varia
