#pragma once

#include "actors/interfaces.hpp"
#include "core/time.hpp"

#include <caf/actor_system_config.hpp>

namespace varia {

/// Makes every message of ours known to a system about to be built.
void register_messages(caf::actor_system_config& config);

/// The configuration of a process that takes part in a cluster: messages registered, networking
/// loaded, heartbeats on, and a scheduler that neither starves an actor nor spins when idle.
/// `heartbeat` is how often a silent connection says that it lives, `silence_max` after how long
/// without a byte it counts as broken; both ends must agree roughly. See
/// docs/decisions/0002-actors.md.
class cluster_config : public caf::actor_system_config {
public:
  cluster_config(milliseconds heartbeat, milliseconds silence_max);
};

} // namespace varia
