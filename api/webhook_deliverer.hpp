#pragma once

#include "store/redis.hpp"
#include "upstream/upstream.hpp"
#include "webhooks/circuit_breaker.hpp"
#include "webhooks/delivery_plan.hpp"

#include <cstddef>
#include <memory>

namespace varia {

struct deliverer_config {
  redis_config store;
  upstream_config way_out; ///< Its timeout is that of one try.
  delivery_rules rules;
  circuit_rules circuits;
  milliseconds claim_for{60'000}; ///< Longer than a try; after it another process takes over.
  milliseconds idle_max{10'000};  ///< Between two looks at the outbox when nobody rings.
  size_t at_once = 64;            ///< Tries under way.
  size_t at_once_per_url = 16;
};

/// Delivers what waits in the outbox. Every coordinator has one; each event is claimed by one of
/// them at a time, and a claim whose process is lost ends by itself. Nothing is done while nothing
/// waits: a bell in Redis wakes one of all that wait.
class webhook_deliverer {
public:
  explicit webhook_deliverer(const deliverer_config& config);
  ~webhook_deliverer();

  webhook_deliverer(const webhook_deliverer&) = delete;
  webhook_deliverer& operator=(const webhook_deliverer&) = delete;

  /// Begins. Fails with `invalid` if the URL of the store is of no known form.
  expected<void> start();

  /// Gives what is under way back to the outbox and ends. Also done by the destructor.
  void stop();

private:
  struct state;
  std::unique_ptr<state> state_;
};

} // namespace varia
