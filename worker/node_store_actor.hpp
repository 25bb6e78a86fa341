#pragma once

#include "actors/interfaces.hpp"
#include "store/redis.hpp"

#include <caf/fwd.hpp>

#include <string>

namespace varia {

/// How a worker process is known.
struct worker_identity {
  std::string worker;  ///< The name, unique in the cluster.
  std::string boot;    ///< A uuid of this process.
  std::string address; ///< For people.
};

/// Spawns the NODE STORE of a worker, with a thread and a connection of its own. Fails with
/// `invalid` if the URL of Redis is of no known form.
expected<node_store_actor> spawn_node_store(caf::actor_system& system, const redis_config& config,
                                            worker_identity identity);

} // namespace varia
