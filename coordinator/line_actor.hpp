#pragma once

#include "actors/interfaces.hpp"

#include <caf/fwd.hpp>

#include <functional>
#include <string>

namespace varia {

struct line_config {
  std::string name; ///< Of the coordinator that this is the LINE of.
  std::function<time_ms()> now;
  /// How long a command waits for somebody to lead; then it fails with `unavailable`.
  milliseconds patience{8000};
  size_t waiting_max = 1000; ///< So many commands wait at once; further ones fail at once.
};

/// Spawns the LINE of a coordinator process. A command that a coordinator refuses because it does
/// not lead, or whose answer is lost with the connection, is asked again of whoever leads next:
/// commands may be repeated without harm. So a change of the leader delays commands and fails none.
line_actor spawn_line(caf::actor_system& system, line_config config, dialer_actor dialer);

} // namespace varia
