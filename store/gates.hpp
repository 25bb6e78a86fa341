#pragma once

#include "core/ids.hpp"
#include "core/time.hpp"
#include "store/redis.hpp"

#include <cstdint>
#include <string>
#include <vector>

namespace varia {

/// How many runs there may be at once; 0: as many as fit.
struct run_limits {
  uint32_t per_connection = 0;
  uint32_t per_integration = 0;

  bool are_set() const { return per_connection > 0 || per_integration > 0; }
};

/// A run that wants to begin, and what it counts for.
struct gate_pass {
  std::string run; ///< The id of its variant: a variant has one run at a time.
  connection_number connection = 0;
  std::string environment;
  std::string provider_config_key;
  run_limits limits;
};

/// Where a run has to wait.
enum class gate { none, connection, integration };

/// The limits of concurrent runs, counted over all workers. Who has to wait stands in a row and
/// gets in first come, first served; who has not asked for three seconds has lost its place. A run
/// inside counts for `span` after it last entered or was renewed.
class gates {
public:
  explicit gates(redis& db) : db_{db} {}

  /// Lets a run in, or returns where it has to wait. A run that is inside already gets in again,
  /// which also renews it.
  expected<gate> enter(const gate_pass& pass, milliseconds span);

  /// Renews runs that are inside, in one round trip.
  expected<void> renew(const std::vector<gate_pass>& inside, milliseconds span);

  /// Lets a run out, or out of the row.
  expected<void> leave(const gate_pass& pass);

private:
  redis& db_;
};

} // namespace varia
