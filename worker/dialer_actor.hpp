#pragma once

#include "actors/interfaces.hpp"
#include "config/settings.hpp"

#include <caf/fwd.hpp>

namespace varia {

/// Spawns the DIALER of a worker. It tries until the coordinator at `where` answers, with pauses
/// that grow to two seconds; workers dial because a dial to a black hole blocks all other
/// connecting of a process, and a coordinator must not be blocked.
dialer_actor spawn_dialer(caf::actor_system& system, endpoint where);

} // namespace varia
