#pragma once

#include "core/time.hpp"
#include "store/redis.hpp"

#include <cstdint>
#include <string>

namespace varia {

/// What a Redis tells of itself, as far as Varia depends on it.
struct server_facts {
  std::string version;
  std::string eviction; ///< `maxmemory-policy`.
  uint64_t used_bytes = 0;
  uint64_t max_bytes = 0;     ///< `maxmemory`; 0: none is set.
  uint64_t machine_bytes = 0; ///< The memory of its machine.
  bool has_aof = false;
  bool aof_is_good = true;      ///< Its last write to the append-only file went well.
  bool snapshot_is_good = true; ///< So did its last snapshot.
  std::string role;             ///< "master" or "slave".
  uint64_t replicas = 0;
  uint64_t clients = 0;
  uint64_t evicted_keys = 0;
  bool replica_is_linked = true; ///< A replica has its master.
  time_ms now = 0;               ///< By its clock.
  milliseconds round_trip{0};    ///< What it took to ask.
};

/// Reads what the answer to INFO tells.
server_facts parse_server_info(const std::string& info);

/// Asks the Redis that the connection leads to.
expected<server_facts> read_server_facts(redis& db);

} // namespace varia
