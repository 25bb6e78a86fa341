#pragma once

#include "actors/interfaces.hpp"
#include "api/commands.hpp"

namespace varia {

/// Builds the commands of the API over the COORDINATOR of this process. Every call waits at most
/// ten seconds.
cluster_commands ask_coordinator(const coordinator_actor& coordinator);

} // namespace varia
