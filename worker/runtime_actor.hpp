#pragma once

#include "actors/interfaces.hpp"
#include "worker/run_engine.hpp"

#include <caf/fwd.hpp>

#include <memory>

namespace varia {

/// What the RUNTIME needs of a run engine, so that its tests can do without Node.
struct run_starter {
  std::function<void(run_request, run_engine::done_handler)> start;
  std::function<void(const std::string& variant_id, const std::string& reason)> cancel;
  size_t slots = 0;
};

/// Binds the starter to a real engine, which it keeps alive.
run_starter starter_of(std::shared_ptr<run_engine> engine);

/// Spawns a RUNTIME over an engine.
runtime_actor spawn_runtime(caf::actor_system& system, run_starter starter);

} // namespace varia
