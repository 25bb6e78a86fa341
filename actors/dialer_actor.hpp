#pragma once

#include "actors/interfaces.hpp"

#include <caf/fwd.hpp>

#include <string>

namespace varia {

/// Who dials.
struct dialer_config {
  std::string kind; ///< "worker" or "coordinator".
  std::string name;
};

/// Spawns the DIALER of a process. Connecting blocks all of CAF's networking when an address
/// swallows packets, so that each dial first finds out in a thread of its own whether anybody is
/// there; a dial that gets no answer holds up no other. The log tells who refused us and why, about
/// each address at most once a minute.
dialer_actor spawn_dialer(caf::actor_system& system, dialer_config config);

} // namespace varia
