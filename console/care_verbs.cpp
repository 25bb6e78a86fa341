#include "console/backup.hpp"
#include "console/bundle.hpp"
#include "console/exit_code.hpp"
#include "console/table.hpp"
#include "console/verb_groups.hpp"

#include <algorithm>
#include <string>

namespace varia {

namespace {

using json = nlohmann::ordered_json;

bool is_for_people(const output_options& options) {
  return options.format == output_format::table || options.format == output_format::wide;
}

// Sends the one message of a verb; the answer, or the exit code.
expected<json> ask_for(const verb_call& call) {
  auto message = message_of(call.which, call.values);
  if (!message)
    return std::move(message.error());
  return ask(call.server, *message);
}

// Sentences are read best as they are, one a line.
int tell_why(const verb_call& call) {
  auto answer = ask_for(call);
  if (!answer)
    return give_up(call, answer.error());
  if (!is_for_people(call.options)) {
    print_answer(call, *answer);
    return exit_code::ok;
  }
  table sentences{{"WHY"}};
  for (auto& each : answer->value("sentences", json::array()))
    sentences.add({each.get<std::string>()});
  call.out << sentences.render({0, false, false});
  call.out.flush();
  return exit_code::ok;
}

int tell_health(const verb_call& call) {
  auto answer = ask_for(call);
  if (!answer)
    return give_up(call, answer.error());
  print_answer(call, *answer);
  return answer->value("verdict", "bad") == "bad" ? exit_code::failed : exit_code::ok;
}

// One run out of the history of a variant.
int show_run(const verb_call& call) {
  auto answer = ask_for(call);
  if (!answer)
    return give_up(call, answer.error());
  auto all = answer->value("runs", json::array());
  auto wanted = call.values.at("run");
  auto found = json::array();
  for (auto& each : all)
    if (each.contains("/detail/run"_json_pointer) && each["detail"]["run"].dump() == wanted)
      found.push_back(each);
  if (found.empty())
    return give_up(call, fail(errc::not_found, "the history knows of no run " + wanted));
  print_answer(call, {{"runs", std::move(found)}});
  return exit_code::ok;
}

int show_leader(const verb_call& call) {
  auto answer = ask_for(call);
  if (!answer)
    return give_up(call, answer.error());
  auto all = answer->value("coordinators", json::array());
  auto leader
    = std::find_if(all.begin(), all.end(), [](auto& x) { return x.value("leads", false); });
  if (leader == all.end())
    return give_up(call, fail(errc::unavailable, "no coordinator leads"));
  auto shown = *leader;
  shown["epoch"] = answer->value("epoch", 0);
  print_answer(call, shown);
  return exit_code::ok;
}

std::vector<verb_column> coordinator_columns() {
  return {{"COORDINATOR", "/coordinator"},
          {"ADDRESS", "/address"},
          {"LEADS", "/leads"},
          {"SINCE", "/since"}};
}

std::vector<verb_column> run_columns() {
  return {{"AT", "/at"}, {"RUN", "/detail/run"}, {"WHAT", "/what"}, {"REASON", "/reason"}};
}

std::vector<verb> checkpoint_verbs() {
  constexpr auto flag = argument_kind::flag;
  verb_argument version{"--if-version", "version", "Only if it has this version",
                        argument_kind::number, true};
  verb_argument force{"--force", "force", "Also while it runs: the run is cancelled", flag, true};
  auto path = "/varia/variants/checkpoint";
  return {
    question("checkpoint get", "Show the checkpoint of a variant", path, "", {}, variant_words()),
    order("checkpoint set", "Set the checkpoint of a variant that does not run", path,
          with(with(with(variant_words(),
                         {"CHECKPOINT", "checkpoint", "A flat JSON object", argument_kind::json}),
                    version),
               force))
      .with_method("PUT"),
    order("checkpoint reset", "Forget the checkpoint of a variant that does not run", path,
          with(with(variant_words(), version), force))
      .with_method("DELETE")
      .destroying("the checkpoint of {name} {variant}"),
  };
}

std::vector<verb> cluster_care() {
  return {
    question(
      "doctor", "Check the installation and the environment; ends with 1 if something is bad",
      "/varia/doctor", "checks",
      {{"CHECK", "/check"}, {"VERDICT", "/verdict"}, {"FOUND", "/text"}, {"ADVICE", "/advice"}})
      .doing(tell_health),
    question("cluster members", "List the coordinators that are alive", "/varia/coordinators",
             "coordinators", coordinator_columns()),
    question("cluster leader", "Show which coordinator leads", "/varia/coordinators")
      .doing(show_leader),
    order("cluster transfer", "Hand the lead to a coordinator", "/varia/coordinators/promote",
          {{"COORDINATOR", "coordinator", "The coordinator"}}),
    question("cluster settings", "Show how the coordinator that answers is set, without secrets",
             "/varia/settings"),
    own_verb("debug bundle",
             "Write what helps to find a fault into a folder, without secrets: status, workers, "
             "settings, checks, variants, budgets, metrics",
             run_debug_bundle,
             {{"FOLDER", "folder", "The folder, which is made", argument_kind::path}}),
  };
}

std::vector<verb> backup_verbs() {
  constexpr auto flag = argument_kind::flag;
  verb_argument file{"FILE", "file", "The file", argument_kind::path};
  verb_argument environment{"--environment", "environment",
                            "This environment instead of the key's own", argument_kind::text, true};
  return {
    own_verb("backup save",
             "Copy an environment into a file: integrations, functions, connections, variants with "
             "their checkpoints and records; not runs, logs, keys and webhooks on their way",
             run_backup_save,
             {file,
              {"--secrets", "secrets",
               "With credentials, variables and webhook settings: whoever has the file has them",
               flag, true},
              {"--account", "account", "All environments, with a key of the account", flag, true},
              environment}),
    own_verb("backup verify", "Check that a file holds a whole backup, and tell what is in it",
             run_backup_verify, {file}),
    own_verb("backup restore", "Write a backup into an environment that is empty",
             run_backup_restore, {file, environment}),
  };
}

} // namespace

std::vector<verb> care_verbs() {
  std::vector<verb> result{
    question("why", "Explain in words what a variant does or waits for", "/varia/variants/why", "",
             {}, variant_words())
      .doing(tell_why),
    question("variants show", "Show all about a variant", "/varia/variants/show", "runs",
             run_columns(), variant_words()),
    question("runs list", "Show what each tick of a variant came to, and why, newest first",
             "/varia/variants/runs", "runs", run_columns(), variant_words()),
    question("runs show", "Show what is known of one run of a variant", "/varia/variants/runs",
             "runs", run_columns(),
             with(variant_words(), {"RUN", "run", "The number of the run", argument_kind::number}))
      .sending("limit", "1000")
      .doing(show_run),
    question("logs", "Show what the last runs of a variant logged, newest first",
             "/varia/variants/log", "lines",
             {{"AT", "/at"}, {"RUN", "/run"}, {"LEVEL", "/level"}, {"MESSAGE", "/message"}},
             with(variant_words(), {"--level",
                                    "level",
                                    "The least important lines that are shown",
                                    argument_kind::text,
                                    true,
                                    {"debug", "info", "warn", "error"}}))
      .following({"after", "/id", true}),
  };
  for (auto& group : {checkpoint_verbs(), cluster_care(), backup_verbs()})
    result.insert(result.end(), group.begin(), group.end());
  return result;
}

} // namespace varia
