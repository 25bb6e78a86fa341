#pragma once

#include "actors/interfaces.hpp"
#include "store/redis.hpp"

#include <caf/fwd.hpp>

namespace varia {

/// Spawns the STORE of a coordinator, with a thread and a connection of its own. Fails with
/// `invalid` if the URL of Redis is of no known form.
expected<store_actor> spawn_store(caf::actor_system& system, const redis_config& config);

} // namespace varia
