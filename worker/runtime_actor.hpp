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
  /// Has a run make way at its next checkpoint, or now.
  std::function<void(const std::string& variant_id, bool now)> yield;
  /// Notes in the history of a variant that its run waits, for a reason in words.
  std::function<void(const run_request&, const std::string& reason)> note_wait;
  size_t slots = 0;
  std::function<time_ms()> now = now_ms; ///< The wall clock; virtual in tests.
};

/// Binds the starter to a real engine, which it keeps alive.
run_starter starter_of(std::shared_ptr<run_engine> engine);

/// Spawns a RUNTIME over an engine.
runtime_actor spawn_runtime(caf::actor_system& system, run_starter starter);

} // namespace varia
