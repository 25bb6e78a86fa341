#include "console/verbs.hpp"

#include "console/table.hpp"

#include <algorithm>
#include <fstream>
#include <iterator>
#include <utility>

namespace varia {

namespace {

using json = nlohmann::ordered_json;

std::string cell_of(const json& value) {
  if (value.is_null())
    return "";
  return value.is_string() ? value.get<std::string>() : value.dump();
}

std::string cell_at(const json& row, const char* field) {
  json::json_pointer pointer{field};
  return row.contains(pointer) ? cell_of(row.at(pointer)) : "";
}

// One line per value, named by the way to it: "redis.version".
void add_facts(const std::string& name, const json& value, table& to) {
  auto flat = json{{name, value}}.flatten();
  for (auto& [pointer, inner] : flat.items()) {
    auto way = pointer.substr(1);
    std::replace(way.begin(), way.end(), '/', '.');
    to.add({way, cell_of(inner)});
  }
}

std::string render_rows(const verb& which, const json& rows, size_t width) {
  std::vector<std::string> titles;
  for (auto& column : which.columns)
    titles.emplace_back(column.title);
  table result{std::move(titles)};
  for (auto& row : rows) {
    std::vector<std::string> cells;
    for (auto& column : which.columns)
      cells.push_back(cell_at(row, column.field));
    result.add(std::move(cells));
  }
  return result.render(width);
}

std::vector<verb_argument> with(std::vector<verb_argument> words, verb_argument last) {
  words.push_back(last);
  return words;
}

} // namespace

const std::vector<verb>& verbs() {
  static const std::vector<verb_column> worker_columns = {{"WORKER", "/worker"},
                                                          {"ADDRESS", "/address"},
                                                          {"ALIVE", "/alive"},
                                                          {"DUTY", "/duty"},
                                                          {"VARIANTS", "/variants"},
                                                          {"RUNNING", "/running"},
                                                          {"QUEUED", "/queued"},
                                                          {"SLOTS", "/slots"},
                                                          {"WAIT NOW MS", "/longest_wait_ms"},
                                                          {"WAIT P99 MS", "/wait_p99_ms"}};
  static const std::vector<verb_column> move_columns = {{"CONNECTION", "/connection"},
                                                        {"SYNC", "/sync"},
                                                        {"VARIANT", "/variant"},
                                                        {"FROM", "/from"},
                                                        {"TO", "/to"}};
  static const std::vector<verb_argument> function_words
    = {{"INTEGRATION", "provider_config_key", "The integration"},
       {"TYPE", "type", "sync, action or on-event"},
       {"FUNCTION", "name", "The function"}};
  static const std::vector<verb_argument> variant_arguments
    = {{"INTEGRATION", "provider_config_key", "The integration"},
       {"CONNECTION", "connection_id", "The connection"},
       {"SYNC", "name", "The sync"},
       {"VARIANT", "variant", "The variant"}};
  static const std::vector<verb> all = {
    {"status", "Show how the cluster is", "/varia/status", "workers", worker_columns},
    {"actions list",
     "List the last calls of actions and on-event functions for a connection, newest first",
     "/varia/actions",
     "actions",
     {{"ID", "/id"},
      {"TYPE", "/type"},
      {"NAME", "/name"},
      {"STATUS", "/status"},
      {"ASYNC", "/async"},
      {"TRIES", "/tries"},
      {"WORKER", "/worker"},
      {"CREATED", "/created_at"},
      {"FINISHED", "/finished_at"},
      {"ERROR", "/error/type"}},
     {{"INTEGRATION", "provider_config_key", "The integration"},
      {"CONNECTION", "connection_id", "The connection"}}},
    {"budgets list",
     "List the connections that have a rate or are paused by their provider",
     "/varia/budgets",
     "budgets",
     {{"INTEGRATION", "/provider_config_key"},
      {"CONNECTION", "/connection_id"},
      {"REQUESTS", "/rate/requests"},
      {"PER MS", "/rate/per_ms"},
      {"GRANTED", "/granted"},
      {"WAITING", "/waiting"},
      {"PAUSED UNTIL", "/paused_until"},
      {"REASON", "/reason"}}},
    {"coordinators list",
     "List the coordinators that are alive",
     "/varia/coordinators",
     "coordinators",
     {{"COORDINATOR", "/coordinator"},
      {"ADDRESS", "/address"},
      {"LEADS", "/leads"},
      {"SINCE", "/since"}}},
    {"coordinators promote",
     "Hand the lead to a coordinator",
     "/varia/coordinators/promote",
     "",
     {},
     {{"COORDINATOR", "coordinator", "The coordinator"}},
     true},
    {"functions list",
     "List the functions that are deployed",
     "/varia/functions",
     "functions",
     {{"INTEGRATION", "/provider_config_key"},
      {"TYPE", "/type"},
      {"FUNCTION", "/name"},
      {"VERSION", "/version"},
      {"FREQUENCY", "/frequency"},
      {"DEPLOYED", "/deployed_at"}}},
    {"functions versions",
     "List the versions of a function that there are, newest first",
     "/varia/functions/versions",
     "versions",
     {{"VERSION", "/version"},
      {"CURRENT", "/current"},
      {"DEPLOYED", "/deployed_at"},
      {"SHA", "/sha"}},
     function_words},
    {"functions rollback",
     "Make a former version of a function the current one",
     "/varia/functions/rollback",
     "",
     {},
     with(function_words, {"VERSION", "version", "The version"}),
     true},
    {"audit list",
     "Show who changed what in the environment, newest first",
     "/varia/audit",
     "entries",
     {{"AT", "/at"},
      {"WHO", "/who"},
      {"WHAT", "/what"},
      {"VIA", "/detail/via"},
      {"PATH", "/detail/path"}}},
    {"environments list",
     "List the environments",
     "/varia/environments",
     "environments",
     {{"ENVIRONMENT", "/name"}, {"UUID", "/uuid"}, {"KEYS", "/keys"}}},
    {"environments create",
     "Make an environment",
     "/varia/environments",
     "",
     {},
     {{"ENVIRONMENT", "name", "The name of the environment"}},
     true},
    {"environments delete",
     "Delete an environment with everything in it",
     "/varia/environments/delete",
     "",
     {},
     {{"ENVIRONMENT", "name", "The environment"}},
     true},
    {"keys list",
     "List the API keys and when each was last used",
     "/varia/keys",
     "keys",
     {{"ENVIRONMENT", "/environment"},
      {"NAME", "/name"},
      {"KEY ID", "/key"},
      {"SCOPES", "/scopes"},
      {"CREATED", "/created_at"},
      {"LAST USED", "/last_used_at"}}},
    {"keys create",
     "Make an API key and show it, once",
     "/varia/keys",
     "",
     {},
     {{"ENVIRONMENT", "environment", "The environment, or \"account\""},
      {"NAME", "name", "What the key is called"},
      {"SCOPES", "scopes", "What it may do, such as environment:*, with commas"}},
     true},
    {"keys revoke",
     "Take an API key away",
     "/varia/keys/revoke",
     "",
     {},
     {{"ENVIRONMENT", "environment", "The environment, or \"account\""},
      {"KEY", "key", "The name or id of the key"}},
     true},
    {"rebalance plan", "Show the moves that would even the workers out", "/varia/rebalance",
     "moves", move_columns},
    {"rebalance apply",
     "Even the workers out: move variants that do not run",
     "/varia/rebalance",
     "moves",
     move_columns,
     {},
     true},
    {"variants cancel",
     "Cancel what a variant runs; its schedule stays as it is",
     "/varia/variants/cancel",
     "",
     {},
     variant_arguments,
     true},
    {"variants apply",
     "Make the variants of a sync be those of a file: a JSON object with provider_config_key, "
     "connection_id, name (of the sync) and variants, a list of names or of objects with name, "
     "settings, frequency and start",
     "/sync/{name}/variants",
     "results",
     {{"VARIANT", "/variant"}, {"OUTCOME", "/outcome"}, {"ID", "/id"}, {"WHY NOT", "/error/code"}},
     {{"FILE", "file", "The file", argument_kind::file},
      {"--dry-run", "dry_run", "Only show what would be done", argument_kind::flag, true},
      {"--force", "force", "Delete as many as it takes", argument_kind::flag, true}},
     true,
     "PUT"},
    {"variants limit",
     "Limit the named variants of a sync, of all syncs of a connection, or of all connections",
     "/varia/limits",
     "",
     {},
     {{"MAX", "max", "How many there may be", argument_kind::number},
      {"INTEGRATION", "provider_config_key", "The integration", argument_kind::text, true},
      {"CONNECTION", "connection_id", "The connection", argument_kind::text, true},
      {"SYNC", "name", "The sync", argument_kind::text, true}},
     true,
     "PUT"},
    {"variants list",
     "List all variants and where they run",
     "/varia/variants",
     "variants",
     {{"INTEGRATION", "/provider_config_key"},
      {"CONNECTION", "/connection_id"},
      {"SYNC", "/sync"},
      {"VARIANT", "/variant"},
      {"STATUS", "/status"},
      {"WORKER", "/worker"},
      {"RECORDS", "/records"},
      {"FREQUENCY", "/frequency"},
      {"NEXT RUN", "/next_run"}}},
    {"variants log",
     "Show what the last runs of a variant logged, newest first",
     "/varia/variants/log",
     "lines",
     {{"AT", "/at"}, {"RUN", "/run"}, {"LEVEL", "/level"}, {"MESSAGE", "/message"}},
     {{"INTEGRATION", "provider_config_key", "The integration"},
      {"CONNECTION", "connection_id", "The connection"},
      {"SYNC", "name", "The sync"},
      {"VARIANT", "variant", "The variant"}}},
    {"variants runs",
     "Show what each tick of a variant came to, and why, newest first",
     "/varia/variants/runs",
     "runs",
     {{"AT", "/at"}, {"RUN", "/detail/run"}, {"WHAT", "/what"}, {"REASON", "/reason"}},
     variant_arguments},
    {"variants schedule",
     "Show when a variant is due, and by which rules",
     "/varia/variants/schedule",
     "",
     {},
     variant_arguments},
    {"variants preview",
     "Show when a variant will run next",
     "/varia/variants/schedule/preview",
     "runs",
     {{"AT", "/at"}, {"LOCAL", "/local"}, {"SLOT", "/slot"}},
     variant_arguments},
    {"variants move",
     "Move a variant to a worker; if it runs it has 30 s to save a checkpoint",
     "/varia/variants/move",
     "",
     {},
     {{"INTEGRATION", "provider_config_key", "The integration"},
      {"CONNECTION", "connection_id", "The connection"},
      {"SYNC", "name", "The sync"},
      {"VARIANT", "variant", "The variant"},
      {"WORKER", "worker", "The worker"}},
     true},
    {"variants overlap",
     "Show how many records live in several variants of a sync",
     "/varia/variants/overlap",
     "pairs",
     {{"VARIANT", "/variants/0"}, {"OTHER VARIANT", "/variants/1"}, {"SHARED IDS", "/ids"}},
     {{"INTEGRATION", "provider_config_key", "The integration"},
      {"CONNECTION", "connection_id", "The connection"},
      {"SYNC", "sync", "The sync"},
      {"MODEL", "model", "The model of the records"}}},
    {"variants undelete",
     "Bring a variant back that was deleted a while ago",
     "/sync/{name}/variant/{variant}/undelete",
     "",
     {},
     {{"INTEGRATION", "provider_config_key", "The integration"},
      {"CONNECTION", "connection_id", "The connection"},
      {"SYNC", "name", "The sync"},
      {"VARIANT", "variant", "The variant"}},
     true},
    {"workers list", "List the workers that have joined", "/varia/workers", "workers",
     worker_columns},
    {"workers cordon",
     "Give a worker no more variants",
     "/varia/workers/cordon",
     "",
     {},
     {{"WORKER", "worker", "The worker"}},
     true},
    {"workers uncordon",
     "Give a worker variants again, after a cordon or a drain",
     "/varia/workers/uncordon",
     "",
     {},
     {{"WORKER", "worker", "The worker"}},
     true},
    {"workers drain",
     "Move all variants of a worker elsewhere; what runs has 30 s to save a checkpoint",
     "/varia/workers/drain",
     "",
     {},
     {{"WORKER", "worker", "The worker"}},
     true},
  };
  return all;
}

std::string render_answer(const verb& which, const json& answer, size_t width) {
  if (!answer.is_object())
    return answer.dump(2) + "\n";
  std::string result;
  table facts{{"WHAT", "VALUE"}};
  for (auto& [key, value] : answer.items())
    if (key != which.rows || !value.is_array())
      add_facts(key, value, facts);
  if (!facts.empty())
    result += facts.render(width);
  auto rows = answer.find(which.rows);
  if (rows != answer.end() && rows->is_array())
    result += (result.empty() ? "" : "\n") + render_rows(which, *rows, width);
  return result;
}

std::string path_of(const verb& which, const verb_values& values) {
  std::string result{which.path};
  if (which.is_order)
    return result;
  auto mark = '?';
  for (auto& x : which.arguments)
    if (auto value = values.find(x.parameter); value != values.end() && !value->second.empty()) {
      result += mark + std::string{x.parameter} + '=' + percent_encode(value->second);
      mark = '&';
    }
  return result;
}

namespace {

expected<json> read_object(const std::string& file) {
  std::ifstream stream{file};
  if (!stream)
    return fail(errc::invalid, file + ": cannot be read");
  std::string text{std::istreambuf_iterator<char>{stream}, {}};
  auto result = json::parse(text, nullptr, false);
  if (!result.is_object())
    return fail(errc::invalid, file + ": is not a JSON object");
  return result;
}

expected<json> number_of(const std::string& title, const std::string& text) {
  auto result = json::parse(text, nullptr, false);
  if (!result.is_number_unsigned())
    return fail(errc::invalid, title + " is not a number: " + text);
  return result;
}

expected<void> add_argument(const verb_argument& x, const std::string& value, json& body) {
  switch (x.kind) {
    case argument_kind::text: body[x.parameter] = value; return caf::unit;
    case argument_kind::flag: body[x.parameter] = true; return caf::unit;
    case argument_kind::number: {
      auto number = number_of(x.title, value);
      if (!number)
        return std::move(number.error());
      body[x.parameter] = std::move(*number);
      return caf::unit;
    }
    case argument_kind::file: {
      auto object = read_object(value);
      if (!object)
        return std::move(object.error());
      body.update(*object);
      return caf::unit;
    }
  }
  return caf::unit;
}

// Moves the members of the body that the path has in braces into it.
expected<std::string> fill_path(const std::string& path, json& body) {
  auto begin = path.find('{');
  if (begin == std::string::npos)
    return path;
  auto end = path.find('}', begin);
  auto name = path.substr(begin + 1, end - begin - 1);
  auto value = body.find(name);
  if (value == body.end() || !value->is_string())
    return fail(errc::invalid, name + " is missing");
  auto text = percent_encode(value->get<std::string>());
  body.erase(name);
  return fill_path(path.substr(0, begin) + text + path.substr(end + 1), body);
}

expected<json> ask(const verb& which, const verb_values& values, const client& asker) {
  if (!which.is_order)
    return asker.get_json(path_of(which, values));
  auto message = message_of(which, values);
  if (!message)
    return std::move(message.error());
  return asker.send_json(which.method, message->path, message->body);
}

} // namespace

expected<verb_message> message_of(const verb& which, const verb_values& values) {
  auto body = json::object();
  for (auto& x : which.arguments)
    if (auto value = values.find(x.parameter); value != values.end() && !value->second.empty())
      if (auto added = add_argument(x, value->second, body); !added)
        return std::move(added.error());
  auto path = fill_path(which.path, body);
  if (!path)
    return std::move(path.error());
  return verb_message{std::move(*path), body.dump()};
}

int run_verb(const verb& which, const verb_values& values, const client_config& server,
             output_format format, std::ostream& out, std::ostream& errors) {
  client asker{server};
  auto answer = ask(which, values, asker);
  if (!answer) {
    errors << "varia: " << detail_of(answer.error()) << "\n";
    return 1;
  }
  if (format == output_format::json)
    out << answer->dump(2) << "\n";
  else
    out << render_answer(which, *answer, terminal_width());
  return 0;
}

} // namespace varia
