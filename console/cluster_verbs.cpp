#include "console/verb_groups.hpp"

namespace varia {

namespace {

std::vector<verb_column> worker_columns() {
  return {{"WORKER", "/worker"},
          {"ADDRESS", "/address"},
          {"ALIVE", "/alive"},
          {"DUTY", "/duty"},
          {"VARIANTS", "/variants"},
          {"RUNNING", "/running"},
          {"QUEUED", "/queued"},
          {"SLOTS", "/slots"},
          {"WAIT NOW MS", "/longest_wait_ms"},
          {"WAIT P99 MS", "/wait_p99_ms"},
          {"WAIT MAX MS", "/wait_max_ms", true},
          {"LABELS", "/labels", true}};
}

std::vector<verb_column> move_columns() {
  return {{"CONNECTION", "/connection"},
          {"SYNC", "/sync"},
          {"VARIANT", "/variant"},
          {"FROM", "/from"},
          {"TO", "/to"}};
}

} // namespace

std::vector<verb> cluster_verbs() {
  return {
    question("status", "Show how the cluster is", "/varia/status", "workers", worker_columns()),
    question("budgets list",
             "List the connections that have a rate or are paused by their provider",
             "/varia/budgets", "budgets",
             {{"INTEGRATION", "/provider_config_key"},
              {"CONNECTION", "/connection_id"},
              {"REQUESTS", "/rate/requests"},
              {"PER MS", "/rate/per_ms"},
              {"GRANTED", "/granted"},
              {"WAITING", "/waiting"},
              {"PAUSED UNTIL", "/paused_until"},
              {"REASON", "/reason"}}),
    question("coordinators list", "List the coordinators that are alive", "/varia/coordinators",
             "coordinators",
             {{"COORDINATOR", "/coordinator"},
              {"ADDRESS", "/address"},
              {"LEADS", "/leads"},
              {"SINCE", "/since"}}),
    order("coordinators promote", "Hand the lead to a coordinator", "/varia/coordinators/promote",
          {{"COORDINATOR", "coordinator", "The coordinator"}}),
    question("rebalance plan", "Show the moves that would even the workers out", "/varia/rebalance",
             "moves", move_columns()),
    order("rebalance apply", "Even the workers out: move variants that do not run",
          "/varia/rebalance")
      .with_rows("moves", move_columns()),
    question("workers list", "List the workers that have joined", "/varia/workers", "workers",
             worker_columns()),
    order("workers cordon", "Give a worker no more variants", "/varia/workers/cordon",
          {{"WORKER", "worker", "The worker"}}),
    order("workers uncordon", "Give a worker variants again, after a cordon or a drain",
          "/varia/workers/uncordon", {{"WORKER", "worker", "The worker"}}),
    order("workers drain",
          "Move all variants of a worker elsewhere; what runs has 30 s to save a checkpoint",
          "/varia/workers/drain", {{"WORKER", "worker", "The worker"}}),
  };
}

} // namespace varia
