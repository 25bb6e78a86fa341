#pragma once

#include "actors/interfaces.hpp"
#include "core/time.hpp"

#include <caf/actor_system_config.hpp>

namespace varia {

/// The version of what processes of a cluster tell each other. It grows with every change of a
/// message that an older program would misread; processes of different ones do not talk.
inline constexpr uint32_t cluster_protocol = 1;

/// The version of this program, for people.
extern const char* const software_version;

/// Makes every message of ours known to a system about to be built.
void register_messages(caf::actor_system_config& config);

/// The configuration of a process that takes part in a cluster: messages registered, networking
/// loaded, heartbeats on, a node id that no other process has, and a scheduler that neither starves
/// an actor nor spins when idle. `heartbeat` is how often a silent connection says that it lives,
/// `silence_max` after how long without a byte it counts as broken; both ends must agree roughly.
/// See docs/decisions/0002-actors.md.
class cluster_config : public caf::actor_system_config {
public:
  cluster_config(milliseconds heartbeat, milliseconds silence_max);
};

} // namespace varia
