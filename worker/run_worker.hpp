#pragma once

#include "config/settings.hpp"
#include "core/readiness.hpp"

#include <functional>

namespace varia {

/// What a worker process serves beside its actors: metrics and probes, by an HTTP that this folder
/// does not know.
struct worker_service {
  std::function<expected<void>()> start;
  std::function<void()> stop; ///< Returns when the last request is answered, or after a deadline.
};

/// Runs a worker process, and the service that is made for it, until SIGINT or SIGTERM. Then
/// running scripts get `worker.stop_deadline` to finish; what does not finish goes on elsewhere
/// from its checkpoint. Returns the exit status: 0 after an orderly end, 1 if it could not start.
/// Call it from `main` before any thread runs.
int run_worker(const settings& config,
               const std::function<worker_service(readiness)>& make_service);

} // namespace varia
