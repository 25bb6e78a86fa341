#pragma once

#include "actors/interfaces.hpp"
#include "config/settings.hpp"

#include <functional>

namespace varia {

/// The whole HTTP API of a process, as something to start and to stop.
struct api_service {
  std::function<expected<void>()> start; ///< Fails if the address or the catalogue is no good.
  std::function<void()> stop;            ///< Returns when the last request is answered.
};

/// Builds the HTTP API that the settings describe around the COORDINATOR of this process.
api_service make_api_service(const settings& x, const coordinator_actor& coordinator);

} // namespace varia
