#pragma once

#include "actors/interfaces.hpp"
#include "coordinator/retention_round.hpp"
#include "store/redis.hpp"

#include <caf/fwd.hpp>

namespace varia {

/// Spawns the RETENTION of a coordinator, with a thread and a connection of its own. Fails with
/// `invalid` if the URL of Redis is of no known form.
expected<retention_actor> spawn_retention(caf::actor_system& system, const redis_config& config,
                                          const retention_rules& rules);

} // namespace varia
