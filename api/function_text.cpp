#include "api/function_text.hpp"

#include "api/connection_text.hpp"
#include "api/deployment.hpp"
#include "core/text.hpp"
#include "store/integrations.hpp"

#include <map>

namespace varia {

namespace {

// "- `id`: of the event" gives ("id", "of the event").
std::pair<std::string, std::string> described_field(std::string_view line) {
  line = trim(line);
  auto colon = line.find(':');
  if (line.empty() || (line[0] != '-' && line[0] != '*') || colon == std::string_view::npos)
    return {};
  auto name = line.substr(1, colon - 1);
  auto is_mark = [](char c) { return c == ' ' || c == '*' || c == '`' || c == '_'; };
  while (!name.empty() && is_mark(name.front()))
    name.remove_prefix(1);
  while (!name.empty() && is_mark(name.back()))
    name.remove_suffix(1);
  auto words = trim(line.substr(colon + 1));
  while (!words.empty() && words.front() == '*')
    words.remove_prefix(1);
  return {std::string{name}, std::string{trim(words)}};
}

void describe_fields(const std::string& description, json& properties) {
  for (auto& line : split(description, '\n')) {
    auto [name, words] = described_field(line);
    if (auto field = properties.find(name); field != properties.end() && field->is_object())
      (*field)["description"] = words;
  }
}

json input_schema(const function& x) {
  auto schemas = stored_json(x.json_schema, json::object());
  auto definitions = member(schemas, "definitions");
  auto found = definitions == nullptr ? nullptr : member(*definitions, x.input);
  if (x.input.empty() || found == nullptr)
    return {{"type", "object"}, {"properties", json::object()}, {"required", json::array()}};
  auto result = *found;
  if (member(result, "properties") == nullptr)
    result = {{"type", "object"}, {"properties", {{"input", *found}}}, {"required", {"input"}}};
  if (member(result, "required") == nullptr)
    result["required"] = json::array();
  if (result.dump().find("\"$ref\"") != std::string::npos)
    result["definitions"] = *definitions;
  return result;
}

json nothing_of_each_kind() {
  return {{function_kind::sync, json::array()},
          {function_kind::action, json::array()},
          {function_kind::on_event, json::array()}};
}

json by_integration(const std::vector<function>& deployed, const std::vector<integration>& known) {
  std::map<std::string, json> entries;
  size_t number = 0;
  for (auto& each : deployed) {
    auto [lists, added] = entries.emplace(each.provider_config_key, json{});
    if (added)
      lists->second = nothing_of_each_kind();
    lists->second[each.kind].push_back(script_entry(each, ++number));
  }
  auto result = json::array();
  for (auto& [key, lists] : entries) {
    json provider = nullptr;
    for (auto& each : known)
      if (each.unique_key == key)
        provider = each.provider;
    result.push_back({{"providerConfigKey", key},
                      {"provider", std::move(provider)},
                      {"syncs", std::move(lists[function_kind::sync])},
                      {"actions", std::move(lists[function_kind::action])},
                      {"on-events", std::move(lists[function_kind::on_event])}});
  }
  return result;
}

json callables(const std::vector<function>& deployed) {
  auto result = json::array();
  for (auto& each : deployed)
    if (each.kind == function_kind::action)
      result.push_back(callable_text(each));
  return result;
}

} // namespace

json function_text(const function& x) {
  json result{{"name", x.name},
              {"type", x.kind},
              {"integration_id", x.provider_config_key},
              {"description", x.description},
              {"version", x.version},
              {"enabled", true},
              {"source", "repo"},
              {"sdk_version", x.sdk_version.empty() ? json(nullptr) : json(x.sdk_version)},
              {"last_deployed", to_iso_z(x.deployed_at)},
              {"scopes", x.scopes},
              {"endpoints", stored_json(x.endpoints, json::array())},
              {"returns", x.models},
              {"input", x.input.empty() ? json(nullptr) : json(x.input)},
              {"json_schema", stored_json(x.json_schema, nullptr)},
              {"features", x.features}};
  if (x.kind == function_kind::sync) {
    result["runs"] = x.frequency;
    result["auto_start"] = x.auto_start;
    result["track_deletes"] = x.track_deletes;
    result["sync_type"] = x.sync_type;
    result["webhook_subscriptions"] = x.webhook_subscriptions;
  }
  if (x.kind == function_kind::on_event)
    result["event"] = x.event;
  return result;
}

json callable_text(const function& x) {
  auto parameters = input_schema(x);
  describe_fields(x.description, parameters["properties"]);
  return {{"name", x.name}, {"description", x.description}, {"parameters", std::move(parameters)}};
}

expected<http_response> show_scripts(api_call& x) {
  static const auto query = object({{"format", optional(one_of({"nango", "openai"}))}});
  if (auto no = x.refuse_query(query))
    return std::move(*no);
  auto deployed = functions{x.db}.list(x.environment(), {}, function_kind::any);
  if (!deployed)
    return std::move(deployed.error());
  if (text_at(x.query, "format") == "openai")
    return json_answer(200, {{"data", callables(*deployed)}});
  auto known = integrations{x.db}.list(x.environment());
  if (!known)
    return std::move(known.error());
  return json_answer(200, by_integration(*deployed, *known));
}

} // namespace varia
