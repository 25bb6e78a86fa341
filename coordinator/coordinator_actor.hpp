#pragma once

#include "actors/interfaces.hpp"

#include <caf/fwd.hpp>

#include <cstdint>
#include <functional>
#include <string>

namespace varia {

struct coordinator_config {
  std::string name;         ///< Unique to the process.
  uint32_t named_max = 100; ///< Named variants of one sync of one connection.
  milliseconds lease{3000}; ///< A dead leader is replaced, and a lost worker given up, after it.
  uint64_t seed = 0;        ///< Of the dice of placement.
  milliseconds retention_interval{3600 * 1000}; ///< Between two rounds of the RETENTION.
  std::function<time_ms()> now;                 ///< A clock that only moves forward.
  std::string address;                          ///< Where others reach its actors: host:port.
  uint32_t placements_per_s = 10'000;           ///< Variants that get a worker, at most.
  std::string spread_label; ///< Variants of a connection spread over this label's values.
  milliseconds undelete_for{24 * 3600 * 1000}; ///< Deleted variants may come back so long.
  bool rebalance = true;                       ///< Evens workers out by itself when one has joined.
};

/// What a COORDINATOR needs around it.
struct coordinator_peers {
  store_actor store;
  retention_actor retention; ///< May be none.
  line_actor line;           ///< Told who leads; may be none.
  discovery_actor discovery; ///< May be none.
};

/// Spawns a COORDINATOR. It leads as soon as the store grants it the lease and has read the
/// registry; until then, and after it lost the lease, every command fails with `fenced`. While it
/// leads it has the RETENTION, if there is one, make its rounds, and the DISCOVERY work.
coordinator_actor spawn_coordinator(caf::actor_system& system, coordinator_config config,
                                    coordinator_peers peers);

} // namespace varia
