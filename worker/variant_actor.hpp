#pragma once

#include "actors/interfaces.hpp"

#include <caf/fwd.hpp>

#include <functional>
#include <memory>

namespace varia {

/// Whom the VARIANTs of a worker talk to. Shared by all of them, to keep an idle one small.
struct variant_peers {
  runtime_actor runtime;
  node_store_actor store;
  host_actor host;
  std::function<time_ms()> now; ///< The wall clock; virtual in tests.
};

/// Spawns the VARIANT of an assignment. `past` is what the variant was doing before.
variant_actor spawn_variant(caf::actor_system& system, std::shared_ptr<const variant_peers> peers,
                            assignment what, const variant_past& past);

} // namespace varia
