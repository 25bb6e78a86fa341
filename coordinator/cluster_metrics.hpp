#pragma once

#include "core/metrics.hpp"

namespace varia {

/// What a coordinator measures of the cluster. What concerns all of it is told by the one that
/// leads; the others tell 0, so that sums over all coordinators are right.
struct cluster_metrics {
  gauge leads{"varia_coordinator_is_leader", "1 while this coordinator leads, else 0."};
  gauge epoch{"varia_coordinator_epoch", "The epoch under which this coordinator leads or led."};
  counter leads_taken{"varia_leader_changes_total", "How often this coordinator took the lead."};

  gauge running{"varia_variants", states, {{"state", "running"}}};
  gauge queued{"varia_variants", states, {{"state", "queued"}}};
  gauge paused{"varia_variants", states, {{"state", "paused"}}};
  gauge unplaced{"varia_variants", states, {{"state", "unplaced"}}};
  gauge waiting{"varia_variants", states, {{"state", "waiting"}}};
  gauge limit_used{"varia_variant_limit_used_ratio",
                   "Named variants of the largest sync, as a share of variants.per_sync_max."};
  counter refused{"varia_variants_refused_total",
                  "Variants that were not made because a limit was reached."};

  gauge active{"varia_workers", duties, {{"duty", "active"}}};
  gauge cordoned{"varia_workers", duties, {{"duty", "cordoned"}}};
  gauge draining{"varia_workers", duties, {{"duty", "draining"}}};
  gauge leaving{"varia_workers", duties, {{"duty", "leaving"}}};
  gauge absent{"varia_workers", duties, {{"duty", "absent"}}};
  counter lost{"varia_workers_lost_total", "Workers whose lease ended while they had variants."};

  counter placements{"varia_placements_total", "Variants that were given to a worker."};
  counter_group moves{"varia_migrations_total",
                      "Variants that were to move from one worker to another.",
                      "result",
                      {"moved", "given_up"}};
  histogram failover{"varia_failover_duration_seconds",
                     "From the moment a worker was found lost until all its variants had another.",
                     long_spans()};

private:
  static constexpr auto states
    = "Variants by state: running and queued as the workers tell it, paused, without a worker, "
      "and waiting for their next run.";
  static constexpr auto duties = "Workers by duty; absent ones hold variants and have not joined.";
};

/// Those of this process.
const cluster_metrics& measured_cluster();

} // namespace varia
