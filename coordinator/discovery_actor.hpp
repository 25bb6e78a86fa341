#pragma once

#include "actors/interfaces.hpp"
#include "coordinator/partition_plan.hpp"

#include <caf/fwd.hpp>

#include <cstdint>

namespace varia {

struct discovery_config {
  partition_rules rules;
  uint32_t named_max = 100;    ///< Named variants of a sync, where no limit says otherwise.
  milliseconds interval{1000}; ///< Between two looks at what is due.
};

/// Spawns a DISCOVERY, with a connection and a thread of its own. It leaves questions for functions
/// in the store, reads what they told, and has the leader change the variants by the commands that
/// applications use. All it knows stands in the store, so another coordinator's may go on at any
/// moment, and two at once do no harm.
expected<discovery_actor> spawn_discovery(caf::actor_system& system, const redis_config& where,
                                          const discovery_config& config,
                                          const coordinator_actor& leader);

} // namespace varia
