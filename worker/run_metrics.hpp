#pragma once

#include "core/metrics.hpp"
#include "store/records.hpp"
#include "store/runs.hpp"

namespace varia {

/// What a worker measures of the variants that it hosts and of what they run.
struct run_metrics {
  gauge hosted{"varia_worker_variants", "Variants that this worker hosts."};
  gauge failing{"varia_worker_variants_failing",
                "Variants on this worker whose last run failed, without those that are paused."};
  gauge slots{"varia_worker_slots", "Runs that fit on this worker at once."};
  gauge running{"varia_worker_runs_running", "Runs in progress."};
  gauge queued{"varia_worker_runs_queued", "Runs that are due and wait for a slot."};
  gauge longest_wait{"varia_worker_longest_wait_seconds",
                     "How long the run has waited that has waited longest for a slot."};
  gauge joined{"varia_worker_joined", "1 while this worker belongs to a cluster, else 0."};

  counter_group ticks{"varia_ticks_total",
                      "Slots of schedules, by what came of them.",
                      "outcome",
                      {"ran", "skipped", "missed", "deferred", "paused", "blackout", "cancelled"}};
  histogram lateness{"varia_schedule_lateness_seconds",
                     "How long after its slot a scheduled run began.", short_and_long()};
  histogram waited{"varia_run_wait_seconds", "How long a run that began had waited for a slot.",
                   short_and_long()};
  counter_group runs{"varia_runs_total",
                     "Runs that ended, by outcome.",
                     "outcome",
                     {"success", "failed", "cancelled", "interrupted", "fenced"}};
  histogram run_span{"varia_run_duration_seconds", "How long runs took.", long_spans()};
  histogram freshness{"varia_freshness_seconds",
                      "How old the data of a variant was at the end of a successful run: the time "
                      "since the successful run before had begun.",
                      long_spans()};

  histogram commit_span{"varia_commit_duration_seconds",
                        "How long the store took for one batch of records.", short_spans()};
  counter_group records{"varia_records_committed_total",
                        "Records that runs saved or deleted, by what became of them.",
                        "change",
                        {"added", "updated", "deleted", "unchanged", "ignored"}};

  counter processes_lost{"varia_script_processes_lost_total",
                         "Script processes that ended while something ran in them."};
  counter_group actions{"varia_actions_total",
                        "Calls of actions that ended, by outcome.",
                        "outcome",
                        {"success", "failed"}};
  histogram action_span{"varia_action_duration_seconds", "How long calls of actions took.",
                        long_spans()};

  void count_commit(double seconds, const commit_result& x) const;

private:
  static const std::vector<double>& short_and_long();
};

/// Those of this process.
const run_metrics& measured_runs();

} // namespace varia
