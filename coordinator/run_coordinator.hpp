#pragma once

#include "actors/interfaces.hpp"
#include "config/settings.hpp"

#include <functional>

namespace varia {

/// What a coordinator process serves beside its actor: the HTTP API, which this folder does not
/// know.
struct coordinator_service {
  std::function<expected<void>()> start;
  std::function<void()> stop; ///< Returns when the last request is answered, or after a deadline.
};

/// Runs a coordinator process until SIGINT or SIGTERM: prepares the store, spawns STORE and
/// COORDINATOR, awaits workers, and serves what `make_service` builds around the COORDINATOR. If
/// VARIA_API_KEY is set, that key opens the environment "dev". Returns the exit status: 0 after an
/// orderly end, 1 if it could not start. Call it from `main` before any thread runs.
int run_coordinator(const settings& config,
                    const std::function<coordinator_service(coordinator_actor)>& make_service);

} // namespace varia
