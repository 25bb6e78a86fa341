#pragma once

#include "config/settings.hpp"

namespace varia {

/// Runs a worker process until SIGINT or SIGTERM. Then running scripts get
/// `worker.stop_deadline` to finish; what does not finish goes on elsewhere from its checkpoint.
/// Returns the exit status: 0 after an orderly end, 1 if it could not start. Call it from `main`
/// before any thread runs.
int run_worker(const settings& config);

} // namespace varia
