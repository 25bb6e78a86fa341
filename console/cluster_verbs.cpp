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

std::vector<verb> log_verbs() {
  constexpr auto text = argument_kind::text;
  constexpr auto number = argument_kind::number;
  verb_argument process{"--process", "process", "Of this process alone", text, true};
  return {
    question("log levels", "Show from which level on each process has been told to log",
             "/varia/log-level", "processes",
             {{"PROCESS", "/process"},
              {"KIND", "/kind"},
              {"LEVEL", "/wanted/level"},
              {"SECONDS LEFT", "/wanted/left_s"}}),
    order("log set", "Have all processes, or one, log from a level on", "/varia/log-level",
          {{"LEVEL",
            "level",
            "The least important that is logged",
            text,
            false,
            {"debug", "info", "warn", "error"}},
           process,
           {"--for", "for_s", "Seconds after which it is as before", number, true}})
      .with_method("PUT"),
    order("log reset", "Have processes log as their settings say again", "/varia/log-level",
          {process})
      .with_method("DELETE")
      .with_query(),
  };
}

std::vector<verb> worker_verbs() {
  return {
    question("workers list", "List the workers that have joined", "/varia/workers", "workers",
             worker_columns()),
    order("workers cordon", "Give a worker no more variants", "/varia/workers/cordon",
          {{"WORKER", "worker", "The worker"}}),
    order("workers uncordon", "Give a worker variants again, after a cordon or a drain",
          "/varia/workers/uncordon", {{"WORKER", "worker", "The worker"}}),
    order("workers drain",
          "Move all variants of a worker elsewhere; what runs has 30 s to save a checkpoint",
          "/varia/workers/drain", {{"WORKER", "worker", "The worker"}, deadline_option()}),
  };
}

std::vector<verb> coordinator_verbs() {
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
  };
}

} // namespace

std::vector<verb> cluster_verbs() {
  auto result = coordinator_verbs();
  for (auto group : {log_verbs, worker_verbs})
    for (auto& x : group())
      result.push_back(x);
  return result;
}

} // namespace varia
