#include "api/deployment.hpp"

#include "api/connection_text.hpp"
#include "api/schedule_text.hpp"
#include "api/schemas.hpp"
#include "core/frequency.hpp"
#include "core/text.hpp"
#include "core/time.hpp"

#include <algorithm>
#include <cctype>
#include <charconv>
#include <cstring>
#include <set>
#include <string_view>

namespace varia {

namespace {

constexpr size_t functions_max = 1000;
constexpr size_t description_max = 2000;
constexpr size_t name_max = 255;
constexpr auto sdk_version_pattern = "^[0-9]+\\.[0-9]+\\.[0-9]+-(zero|yaml)$";

std::vector<std::string> event_names() {
  return {"post-connection-creation", "pre-connection-deletion", "validate-connection"};
}

schema frequency() {
  return text({holds([](const std::string& x) { return x.empty() || parse_frequency(x); },
                     "Sync interval is invalid")});
}

schema maybe(schema inner) {
  return optional(nullable(std::move(inner)));
}

schema file_body() {
  return object({{"js", text({at_least(1)})}, {"ts", maybe(text())}});
}

bool is_number(const std::string& x) {
  return !x.empty() && x.find_first_not_of("0123456789") == std::string::npos;
}

bool is_sdk_version(const std::string& x) {
  auto dash = std::min(x.find('-'), x.size());
  auto kind = x.substr(dash);
  auto parts = split(x.substr(0, dash), '.');
  return (kind == "-zero" || kind == "-yaml") && parts.size() == 3
         && std::all_of(parts.begin(), parts.end(), is_number);
}

schema endpoint() {
  return object({{"method", one_of({"GET", "POST", "PUT", "PATCH", "DELETE"})},
                 {"path", text({at_least(1), at_most(name_max)})},
                 {"group", maybe(text({at_most(name_max)}))}});
}

schema on_event_rules() {
  auto script
    = object({{"name", sync_name()}, {"event", one_of(event_names())}, {"fileBody", file_body()}});
  return object({{"providerConfigKey", provider_config_key()},
                 {"scripts", list_of(std::move(script), functions_max)}});
}

schema flow_rules() {
  auto names = list_of(text());
  return object(
    {{"type", one_of({"sync", "action"})},
     {"syncName", sync_name()},
     {"providerConfigKey", provider_config_key()},
     {"models", maybe(list_of(model_name()))},
     {"runs", maybe(frequency())},
     {"auto_start", maybe(boolean())},
     {"track_deletes", maybe(boolean())},
     {"sync_type", maybe(one_of({"full", "incremental", "FULL", "INCREMENTAL"}))},
     {"metadata", maybe(object({{"description", maybe(text({at_most(description_max)}))},
                                {"scopes", maybe(names)}}))},
     {"endpoints", maybe(list_of(endpoint()))},
     {"input", maybe(text({at_most(name_max)}))},
     {"fileBody", file_body()},
     {"version", maybe(text({at_most(255)}))},
     {"webhookSubscriptions", maybe(names)},
     {"attributes", maybe(record_of(any_value()))},
     {"models_json_schema", maybe(record_of(any_value()))},
     {"features", maybe(names)},
     {"schedule", maybe(schedule_rules_schema())}});
}

std::vector<std::string> texts_at(const json& object, const std::string& key) {
  auto value = member(object, key);
  return value != nullptr && value->is_array() ? value->get<std::vector<std::string>>()
                                               : std::vector<std::string>{};
}

// The definitions that a flow brings for its models; nullptr: it brings none.
const json* definitions_of(const json& flow) {
  auto schemas = member(flow, "models_json_schema");
  auto found
    = schemas != nullptr && schemas->is_object() ? member(*schemas, "definitions") : nullptr;
  return found != nullptr && found->is_object() ? found : nullptr;
}

// Whoever sends a schema sends that of every model: half of one would be trusted for the whole.
void refuse_undefined_models(const json& flow, const json_path& path, issues& found) {
  auto definitions = definitions_of(flow);
  if (definitions == nullptr)
    return;
  auto needed = texts_at(flow, "models");
  if (auto input = text_at(flow, "input"); !input.empty())
    needed.push_back(input);
  auto where = path;
  where.push_back("models_json_schema");
  for (auto& name : needed)
    if (member(*definitions, name) == nullptr)
      found.push_back({"custom", "The schema does not define the model " + name, where});
}

// A full sync that tracks deletions is fine; an incremental one would delete all it did not fetch.
void refuse_contradictions(const json& flows, const json_path& path, issues& found) {
  std::set<std::string> seen;
  for (size_t i = 0; i < flows.size(); ++i) {
    auto& flow = flows[i];
    auto where = path;
    where.push_back(std::to_string(i));
    if (to_lower(text_at(flow, "sync_type")) == "incremental" && flag_at(flow, "track_deletes"))
      found.push_back({"custom", "Track deletes is not supported for incremental syncs", where});
    auto name = text_at(flow, "type") + '\n' + text_at(flow, "providerConfigKey") + '\n'
                + text_at(flow, "syncName");
    if (!seen.insert(name).second)
      found.push_back({"custom", "This name occurs twice in the integration", where});
    refuse_undefined_models(flow, where, found);
  }
}

schema flow_list() {
  return refined(list_of(flow_rules(), functions_max),
                 [](const json* value, const json_path& path, issues& found) {
                   refuse_contradictions(*value, path, found);
                 });
}

bool includes(const std::vector<std::string>& all, const std::string& word) {
  return std::find(all.begin(), all.end(), word) != all.end();
}

// Whether a bundle has a field or method of this name. Too much does no harm: the hook that is not
// there says so when it is asked for the first time.
bool has_member(const std::string& js, std::string_view name) {
  auto is_word = [](char c) { return std::isalnum(static_cast<unsigned char>(c)) || c == '_'; };
  for (auto at = js.find(name); at != std::string::npos; at = js.find(name, at + 1)) {
    auto after = js.find_first_not_of(" \n", at + name.size());
    auto is_whole = at == 0 || (!is_word(js[at - 1]) && js[at - 1] != '.');
    if (is_whole && after != std::string::npos && std::strchr(":(,}", js[after]) != nullptr)
      return true;
  }
  return false;
}

function read_flow(const json& flow) {
  function result;
  result.kind = text_at(flow, "type");
  result.input = text_at(flow, "input");
  result.provider_config_key = text_at(flow, "providerConfigKey");
  result.name = text_at(flow, "syncName");
  result.version = text_at(flow, "version");
  result.models = texts_at(flow, "models");
  result.frequency = text_at(flow, "runs");
  result.auto_start = flag_at(flow, "auto_start");
  result.track_deletes = flag_at(flow, "track_deletes");
  result.sync_type = to_lower(text_at(flow, "sync_type", result.sync_type));
  if (auto metadata = member(flow, "metadata"); metadata != nullptr && metadata->is_object()) {
    result.description = text_at(*metadata, "description");
    result.scopes = texts_at(*metadata, "scopes");
  }
  if (auto endpoints = member(flow, "endpoints"); endpoints != nullptr && !endpoints->empty())
    result.endpoints = endpoints->dump();
  result.features = texts_at(flow, "features");
  if (auto schedule = member(flow, "schedule"); schedule != nullptr && schedule->is_object())
    result.schedule = pack_rules(read_schedule(*schedule));
  // The public compiler does not know the hook.
  result.partitions = result.kind == function_kind::sync
                      && (includes(result.features, "partitions")
                          || has_member(text_at(flow.at("fileBody"), "js"), "partitions"));
  result.webhook_subscriptions = texts_at(flow, "webhookSubscriptions");
  if (auto attributes = member(flow, "attributes");
      attributes != nullptr && attributes->is_object())
    result.attributes = attributes->dump();
  if (auto schemas = member(flow, "models_json_schema"); schemas != nullptr && !schemas->is_null())
    result.json_schema = schemas->dump();
  return result;
}

deployed_function bundled(function definition, const json& file) {
  return {std::move(definition), text_at(file, "js"), text_at(file, "ts")};
}

deployed_function read_on_event(const json& script, const std::string& provider_config_key) {
  function result;
  result.kind = function_kind::on_event;
  result.provider_config_key = provider_config_key;
  result.name = text_at(script, "name");
  result.event = text_at(script, "event");
  return bundled(std::move(result), script.at("fileBody"));
}

json schedule_or_null(const function& x) {
  auto rules = unpack_rules(x.schedule);
  return x.schedule.empty() || !rules ? json(nullptr) : schedule_text(*rules);
}

bool is_same(const function& a, const function& b) {
  return a.kind == b.kind && a.provider_config_key == b.provider_config_key && a.name == b.name;
}

} // namespace

schema deployment_rules() {
  return object({{"flowConfigs", flow_list()},
                 {"onEventScriptsByProvider", optional(list_of(on_event_rules(), functions_max))},
                 {"nangoYamlBody", maybe(text())},
                 {"reconcile", boolean()},
                 {"debug", boolean()},
                 {"deployMode", optional(one_of({"all", "single", "integration"}))},
                 {"singleDeployMode", optional(boolean())},
                 {"sdkVersion", optional(text({matches(is_sdk_version, sdk_version_pattern)}))},
                 {"source", optional(text({at_most(name_max)}))},
                 {"jsonSchema", maybe(record_of(any_value()))},
                 {"targetEnvironment", optional(text({at_most(name_max)}))}});
}

std::vector<deployed_function> read_deployment(const json& body) {
  std::vector<deployed_function> result;
  for (auto& flow : body.at("flowConfigs"))
    result.push_back(bundled(read_flow(flow), flow.at("fileBody")));
  if (auto events = member(body, "onEventScriptsByProvider"))
    for (auto& of : *events)
      for (auto& script : of.at("scripts"))
        result.push_back(read_on_event(script, text_at(of, "providerConfigKey")));
  for (auto& each : result)
    each.definition.sdk_version = text_at(body, "sdkVersion");
  return result;
}

std::string next_version(const std::string& version) {
  if (version.empty())
    return "0.0.1";
  auto begin = version.rfind('.') == std::string::npos ? 0 : version.rfind('.') + 1;
  uint64_t number = 0;
  auto end = version.data() + version.size();
  auto [stop, fault] = std::from_chars(version.data() + begin, end, number);
  if (fault != std::errc{} || stop != end)
    return version + ".1";
  return version.substr(0, begin) + std::to_string(number + 1);
}

std::string version_of(const function& wanted, const function* before) {
  if (!wanted.version.empty())
    return wanted.version;
  if (before == nullptr)
    return next_version({});
  if (before->sha == wanted.sha)
    return before->version;
  return next_version(before->newest.empty() ? before->version : before->newest);
}

time_ms schedule_since(const function& wanted, const function* before, time_ms now) {
  if (before == nullptr)
    return 0;
  auto is_same = wanted.frequency == before->frequency && wanted.schedule == before->schedule;
  return is_same ? before->schedule_since : now;
}

const function* find_deployed(const std::vector<function>& all, const function& like) {
  auto found = std::find_if(all.begin(), all.end(), [&](auto& x) { return is_same(x, like); });
  return found == all.end() ? nullptr : &*found;
}

std::vector<function> obsolete_functions(const json& body, const std::vector<function>& before,
                                         const std::vector<deployed_function>& wanted) {
  return flag_at(body, "reconcile") ? unnamed_functions(body, before, wanted)
                                    : std::vector<function>{};
}

std::vector<function> unnamed_functions(const json& body, const std::vector<function>& before,
                                        const std::vector<deployed_function>& wanted) {
  std::vector<function> result;
  auto mode = text_at(body, "deployMode", "all");
  if (mode == "single" || flag_at(body, "singleDeployMode"))
    return result;
  for (auto& old : before) {
    auto stays = [&](auto& x) { return is_same(x.definition, old); };
    auto touched
      = [&](auto& x) { return x.definition.provider_config_key == old.provider_config_key; };
    if (std::any_of(wanted.begin(), wanted.end(), stays))
      continue;
    if (mode == "all" || std::any_of(wanted.begin(), wanted.end(), touched))
      result.push_back(old);
  }
  return result;
}

json deployment_entry(const function& x) {
  return {{"name", x.name},
          {"models", x.models},
          {"version", x.version},
          {"providerConfigKey", x.provider_config_key},
          {"type", x.kind},
          {"runs", x.frequency},
          {"auto_start", x.auto_start},
          {"last_deployed", to_iso_z(x.deployed_at)}};
}

json script_entry(const function& x, size_t number) {
  return {{"id", number},
          {"name", x.name},
          {"type", x.kind},
          {"returns", x.models},
          {"description", x.description},
          {"attributes", stored_json(x.attributes, json::object())},
          {"scopes", x.scopes},
          {"version", x.version},
          {"source", "repo"},
          {"endpoints", stored_json(x.endpoints, json::array())},
          {"input", x.input.empty() ? json(nullptr) : json(x.input)},
          {"enabled", true},
          {"last_deployed", to_iso_z(x.deployed_at)},
          {"webhookSubscriptions", x.webhook_subscriptions},
          {"json_schema", stored_json(x.json_schema, nullptr)},
          {"sdk_version", x.sdk_version.empty() ? json(nullptr) : json(x.sdk_version)},
          {"models", x.models},
          {"features", x.features},
          {"sync_type", x.sync_type},
          {"auto_start", x.auto_start},
          {"runs", x.frequency},
          {"schedule", schedule_or_null(x)},
          {"track_deletes", x.track_deletes},
          {"metadata", {{"description", x.description}, {"scopes", x.scopes}}}};
}

} // namespace varia
