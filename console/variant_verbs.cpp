#include "console/verb_groups.hpp"

namespace varia {

namespace {

std::vector<verb> bulk_verbs() {
  constexpr auto flag = argument_kind::flag;
  auto trigger
    = bulk_order("variants trigger", "Run variants now", "/sync/trigger", bulk_rule::by_connection);
  auto reset
    = bulk_order("variants reset", "Run variants from the very beginning", "/sync/trigger",
                 bulk_rule::by_connection,
                 {{"--empty-cache", "/opts/emptyCache", "Forget their records, too", flag, true}});
  return {
    trigger,
    reset.sending("/opts/reset", "true").destroying("the checkpoints of {count} variants"),
    bulk_order("variants pause", "Let variants run no more until they are started", "/sync/pause",
               bulk_rule::by_connection),
    bulk_order("variants start", "Let paused variants run again, by their schedule", "/sync/start",
               bulk_rule::by_connection),
    bulk_order("variants cancel", "Cancel what variants run; their schedule stays as it is",
               "/varia/variants/cancel", bulk_rule::by_variant),
    bulk_order("variants delete", "Delete variants with everything that is theirs",
               "/sync/{name}/variants", bulk_rule::by_sync)
      .with_method("DELETE")
      .destroying("{count} variants with their records, checkpoints and runs"),
  };
}

std::vector<verb> single_verbs() {
  constexpr auto text = argument_kind::text;
  return {
    order("variants create", "Create a variant of a sync", "/sync/{name}/variant/{variant}",
          variant_words()),
    order(
      "variants apply",
      "Make the variants of a sync be those of a file: a JSON object with provider_config_key, "
      "connection_id, name (of the sync) and variants, a list of names or of objects with name, "
      "settings, frequency and start",
      "/sync/{name}/variants",
      {{"FILE", "file", "The file", argument_kind::file},
       {"--dry-run", "dry_run", "Only show what would be done", argument_kind::flag, true},
       {"--force", "force", "Delete as many as it takes", argument_kind::flag, true}})
      .with_rows("results", {{"VARIANT", "/variant"},
                             {"OUTCOME", "/outcome"},
                             {"ID", "/id"},
                             {"WHY NOT", "/error/code"}})
      .with_method("PUT"),
    order("variants limit",
          "Limit the named variants of a sync, of all syncs of a connection, or of all connections",
          "/varia/limits",
          {{"MAX", "max", "How many there may be", argument_kind::number},
           {"INTEGRATION", "provider_config_key", "The integration", argument_kind::text, true},
           {"CONNECTION", "connection_id", "The connection", argument_kind::text, true},
           {"SYNC", "name", "The sync", argument_kind::text, true}})
      .with_method("PUT"),
    question("variants list", "List all variants and where they run", "/varia/variants", "variants",
             {{"INTEGRATION", "/provider_config_key"},
              {"CONNECTION", "/connection_id"},
              {"SYNC", "/sync"},
              {"VARIANT", "/variant"},
              {"STATUS", "/status"},
              {"WORKER", "/worker"},
              {"RECORDS", "/records"},
              {"FREQUENCY", "/frequency"},
              {"NEXT RUN", "/next_run"},
              {"LAST OUTCOME", "/last_outcome", true},
              {"STARTED", "/started_at", true},
              {"FINISHED", "/finished_at", true},
              {"FAILURES", "/failures_in_a_row", true},
              {"PAUSE REASON", "/pause_reason", true},
              {"ID", "/id", true}},
             {{"--integration", "provider_config_key", "Of this integration", text, true},
              {"--connection", "connection_id", "Of this connection", text, true},
              {"--sync", "sync", "Of this sync", text, true}}),
    question("variants log", "Show what the last runs of a variant logged, newest first",
             "/varia/variants/log", "lines",
             {{"AT", "/at"}, {"RUN", "/run"}, {"LEVEL", "/level"}, {"MESSAGE", "/message"}},
             variant_words())
      .following({"after", "/id", true}),
    question("variants runs", "Show what each tick of a variant came to, and why, newest first",
             "/varia/variants/runs", "runs",
             {{"AT", "/at"}, {"RUN", "/detail/run"}, {"WHAT", "/what"}, {"REASON", "/reason"}},
             variant_words()),
    question("variants schedule", "Show when a variant is due, and by which rules",
             "/varia/variants/schedule", "", {}, variant_words()),
    question("variants preview", "Show when a variant will run next",
             "/varia/variants/schedule/preview", "runs",
             {{"AT", "/at"}, {"LOCAL", "/local"}, {"SLOT", "/slot"}}, variant_words()),
    order("variants move",
          "Move a variant to a worker; if it runs it has 30 s to save a checkpoint",
          "/varia/variants/move", with(variant_words(), {"WORKER", "worker", "The worker"})),
    question("variants overlap", "Show how many records live in several variants of a sync",
             "/varia/variants/overlap", "pairs",
             {{"VARIANT", "/variants/0"}, {"OTHER VARIANT", "/variants/1"}, {"SHARED IDS", "/ids"}},
             {{"INTEGRATION", "provider_config_key", "The integration"},
              {"CONNECTION", "connection_id", "The connection"},
              {"SYNC", "sync", "The sync"},
              {"MODEL", "model", "The model of the records"}}),
    order("variants undelete", "Bring a variant back that was deleted a while ago",
          "/sync/{name}/variant/{variant}/undelete", variant_words()),
  };
}

} // namespace

std::vector<verb> variant_verbs() {
  auto result = single_verbs();
  for (auto& x : bulk_verbs())
    result.push_back(x);
  return result;
}

} // namespace varia
