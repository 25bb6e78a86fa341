#include "console/exit_code.hpp"
#include "console/verb_groups.hpp"

namespace varia {

namespace {

using json = nlohmann::ordered_json;

// What a message would delete, as the server plans it.
expected<size_t> deletions_of(const client& server, verb_message message) {
  auto body = json::parse(message.body);
  body["dry_run"] = true;
  message.body = body.dump();
  auto planned = ask(server, message);
  if (!planned)
    return std::move(planned.error());
  // What is refused as a whole deletes nothing.
  if (planned->value("guarded", false))
    return 0;
  return planned->value("plan", json::object()).value("delete", json::array()).size();
}

int apply_set(const verb_call& call) {
  auto message = message_of(call.which, call.values);
  if (!message)
    return give_up_usage(call, detail_of(message.error()));
  if (call.values.count("dry_run") == 0 && !call.options.says_yes) {
    auto count = deletions_of(call.server, *message);
    if (!count)
      return give_up(call, count.error());
    auto what = fill_in(call.which.destroys, {{"count", std::to_string(*count)}});
    if (*count > 0)
      if (auto no = refuse_unconfirmed(call, what))
        return *no;
  }
  auto answer = ask(call.server, *message);
  if (!answer)
    return give_up(call, answer.error());
  if (!call.options.is_quiet)
    print_answer(call, *answer);
  return exit_code::ok;
}

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

constexpr auto text = argument_kind::text;
constexpr auto number = argument_kind::number;

// The options that narrow a log.
std::vector<verb_argument> log_words() {
  auto result = variant_words();
  result.push_back({"--level",
                    "level",
                    "This and what is more important",
                    text,
                    true,
                    {"debug", "info", "warn", "error"}});
  result.push_back({"--run", "run", "Of this run only", number, true});
  result.push_back({"--limit", "limit", "How many lines at most, not 50", number, true});
  return result;
}

// What a new variant is to be like; what is not said is as the function has it.
std::vector<verb_argument> creation_words() {
  auto result = variant_words();
  result.push_back(
    {"--frequency", "frequency", "How often it runs, such as \"every 5m\"", text, true});
  result.push_back(
    {"--settings", "settings", "A JSON object that its script reads", argument_kind::json, true});
  result.push_back({"--start",
                    "start",
                    "true: by its schedule; false: paused",
                    argument_kind::json,
                    true,
                    {"true", "false"}});
  return result;
}

std::vector<verb> single_verbs() {
  return {
    order("variants create", "Create a variant of a sync", "/sync/{name}/variant/{variant}",
          creation_words()),
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
      .with_method("PUT")
      .destroying("{count} variants with their records, checkpoints and runs")
      .doing(apply_set),
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
              {"SAVED", "/progress/saved"},
              {"PER S", "/progress/records_per_s"},
              {"NEXT RUN", "/next_run"},
              {"FREQUENCY", "/frequency", true},
              {"PAGES", "/progress/pages", true},
              {"REQUESTS", "/progress/requests", true},
              {"SLOT WAIT MS", "/progress/slot_wait_ms", true},
              {"BUDGET WAIT MS", "/progress/budget_wait_ms", true},
              {"WAITS FOR", "/progress/waits_for", true},
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
             log_words())
      .following({"after", "/id", true}),
    question("variants runs", "Show what each tick of a variant came to, and why, newest first",
             "/varia/variants/runs", "runs",
             {{"AT", "/at"}, {"RUN", "/detail/run"}, {"WHAT", "/what"}, {"REASON", "/reason"}},
             with(variant_words(), {"--limit", "limit", "How many at most, not 50", number, true})),
    question("variants schedule", "Show when a variant is due, and by which rules",
             "/varia/variants/schedule", "", {}, variant_words()),
    question("variants preview", "Show when a variant will run next",
             "/varia/variants/schedule/preview", "runs",
             {{"AT", "/at"}, {"LOCAL", "/local"}, {"SLOT", "/slot"}},
             with(variant_words(), {"--count", "count", "How many runs, not 10", number, true})),
    order("variants move",
          "Move a variant to a worker; if it runs it has 30 s to save a checkpoint",
          "/varia/variants/move",
          with(with(variant_words(), {"WORKER", "worker", "The worker"}), deadline_option())),
    question("variants overlap", "Show how many records live in several variants of a sync",
             "/varia/variants/overlap", "pairs",
             {{"VARIANT", "/variants/0"}, {"OTHER VARIANT", "/variants/1"}, {"SHARED IDS", "/ids"}},
             {{"INTEGRATION", "provider_config_key", "The integration"},
              {"CONNECTION", "connection_id", "The connection"},
              {"SYNC", "sync", "The sync"},
              {"MODEL", "model", "The model of the records"}}),
    order(
      "variants undelete", "Bring a variant back that was deleted a while ago",
      "/sync/{name}/variant/{variant}/undelete",
      with(variant_words(), {"--id", "id", "Of several that had the name, this one", text, true})),
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
