#pragma once

#include "core/time.hpp"
#include "store/connections.hpp"
#include "store/redis.hpp"

#include <cstdint>
#include <string>

namespace varia {

/// Where a run stands before a limit of concurrent runs.
struct gate_place {
  bool waits = false;
  uint64_t ahead = 0;  ///< Who stands before it in the row.
  uint64_t inside = 0; ///< Runs that count against the limit; 0 also where there is none.
};

/// What may keep a variant from running, or its run from going on, as the store has it at one
/// moment.
struct obstacles {
  time_ms now = 0; ///< By the clock of Redis.

  uint32_t wanted = 0;        ///< A trigger waits: 1 a run, 2 with reset, 3 with empty cache, too.
  time_ms asked_at = 0;       ///< When the first trigger came that waits; 0 for none.
  uint64_t events = 0;        ///< That wait.
  bool handles_event = false; ///< The run that is open is one for an event.

  gate_place of_connection;
  gate_place of_integration;

  uint32_t requests = 0;          ///< The rate of its connection; 0 for none,
  milliseconds per{0};            ///< in each span of this.
  uint64_t granted = 0;           ///< Requests that count against the rate.
  uint64_t row = 0;               ///< Variants of the connection with a request that waits.
  bool waits_for_request = false; ///< It is one of them.
  time_ms paused_until = 0;       ///< The provider wants no requests until then; 0: it does.
  std::string pause_reason;

  uint32_t refusals = 0;     ///< How often in a row the credentials could not be renewed.
  time_ms refused_until = 0; ///< Until when that is not tried again.
};

/// Reads it in one round trip.
expected<obstacles> read_obstacles(redis& db, const variant_ref& variant, const connection& of);

} // namespace varia
