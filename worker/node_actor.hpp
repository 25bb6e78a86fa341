#pragma once

#include "actors/interfaces.hpp"
#include "worker/node_store_actor.hpp"

#include <caf/fwd.hpp>

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

namespace varia {

struct node_config {
  worker_identity identity;
  milliseconds lease{3000}; ///< Of the worker; renewed three times as often.
  std::function<time_ms()> now;
  std::function<time_ms()> steady; ///< A clock that only moves forward; `now` if none is given.
  std::vector<std::string> join;   ///< Where else to look for the leader: host:port each.
  worker_labels labels;
  uint64_t seed = 0; ///< Of the dice that spread its tries; those of one cluster must differ.
};

/// Spawns the NODE of a worker. The store tells it who leads, with every renewal of its lease; it
/// asks the DIALER for that coordinator and joins, and does so again whenever another one leads or
/// the connection is lost. What it hosts runs on meanwhile, because the tokens stay good until the
/// store names another owner. Without a lease it begins no runs.
host_actor spawn_node(caf::actor_system& system, node_config config, runtime_actor runtime,
                      node_store_actor store, dialer_actor dialer);

} // namespace varia
