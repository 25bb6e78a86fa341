#pragma once

#include "actors/interfaces.hpp"
#include "config/settings.hpp"
#include "core/error.hpp"

#include <caf/fwd.hpp>

#include <string>

namespace varia {

/// Spawns the DOOR of a coordinator of this name. It lets in who speaks our protocol and, where the
/// system has an identity, proves that he is who he says. The log tells whom it refused and why,
/// about each at most once a minute.
door_actor spawn_door(caf::actor_system& system, std::string name, coordinator_actor coordinator);

/// Publishes a DOOR and returns the port, which the system chooses for port 0. Fails with
/// `unavailable` if the address cannot be taken. Warns in the log of an address that others may
/// reach where nobody has to prove who he is.
expected<uint16_t> publish_door(const door_actor& door, const endpoint& where);

} // namespace varia
