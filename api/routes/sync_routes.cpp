#include "api/routes/sync_routes.hpp"

#include "api/sync_status.hpp"
#include "api/syncs.hpp"
#include "core/frequency.hpp"
#include "core/text.hpp"
#include "store/integrations.hpp"

#include <functional>
#include <variant>

namespace varia {

namespace {

constexpr size_t command_syncs_max = 256;

// Which variants a command is meant for.
struct command_scope {
  std::string provider_config_key;
  std::optional<std::string> connection_id; ///< Nothing: all connections of the integration.
  std::vector<sync_name_pair> names;
};

http_response refuse_unknown_connection(const std::string& id, const std::string& key) {
  auto payload = json{{"connectionId", id}, {"providerConfigKey", key}};
  return refuse_in_old_form(404, "unknown_connection",
                            "No connection matching the provided params of 'connection_id' and "
                            "'provider_config_key'. Please make sure these values exist in "
                            "the Nango dashboard "
                              + payload.dump(2, ' ', false, json::error_handler_t::replace),
                            payload);
}

http_response refuse_no_syncs() {
  return refuse_in_old_form(400, "no_syncs_found", "No syncs found given the inputs.");
}

expected<std::vector<connection_number>> connections_in(api_call& x, const command_scope& scope) {
  connections all{x.db};
  if (!scope.connection_id)
    return all.numbers_of(x.environment(), scope.provider_config_key);
  auto number = all.number_of(x.environment(), scope.provider_config_key, *scope.connection_id);
  if (!number)
    return std::move(number.error());
  return *number == 0 ? std::vector<connection_number>{} : std::vector{*number};
}

using resolved = std::variant<std::vector<variant_key>, http_response>;

// Finds all variants before anything is done to one of them.
expected<resolved> resolve(api_call& x, const command_scope& scope) {
  auto known = integrations{x.db}.find(x.environment(), scope.provider_config_key);
  if (!known)
    return std::move(known.error());
  if (!*known)
    return resolved{
      refuse_in_old_form(400, "unknown_provider_config",
                         "There is no Provider Configuration matching this key. Please make "
                         "sure this value exists in the Nango dashboard {}")};
  auto numbers = connections_in(x, scope);
  if (!numbers)
    return std::move(numbers.error());
  if (scope.connection_id && numbers->empty())
    return resolved{refuse_unknown_connection(*scope.connection_id, scope.provider_config_key)};
  std::vector<variant_key> keys;
  for (auto number : *numbers) {
    auto found = find_variants(x.db, number, scope.names);
    if (!found)
      return std::move(found.error());
    if (scope.connection_id && found->missing > 0)
      return resolved{refuse_no_syncs()};
    for (auto& entry : found->entries)
      keys.push_back(std::move(entry.key));
  }
  if (keys.empty())
    return resolved{refuse_no_syncs()};
  return resolved{std::move(keys)};
}

using command = std::function<expected<void>(const std::vector<variant_key>&)>;

expected<http_response> carry_out(api_call& x, const command_scope& scope, const command& order) {
  auto target = resolve(x, scope);
  if (!target)
    return std::move(target.error());
  if (auto no = std::get_if<http_response>(&*target))
    return std::move(*no);
  auto done = order(std::get<std::vector<variant_key>>(*target));
  if (!done && code_of(done.error()) == errc::not_found)
    return refuse_no_syncs();
  if (!done)
    return std::move(done.error());
  return succeed();
}

std::optional<std::string> optional_text(const json& body, const std::string& key) {
  auto value = member(body, key);
  return value == nullptr ? std::nullopt : std::optional{value->get<std::string>()};
}

std::optional<http_response> refuse_trigger(const api_call& x) {
  static const auto query = nothing();
  static const auto body = object(
    {{"syncs", sync_list(other_keys::ignored)},
     {"provider_config_key", optional(provider_config_key())},
     {"connection_id", optional(connection_id())},
     {"opts", optional(object({{"reset", optional(boolean())}, {"emptyCache", optional(boolean())}},
                              other_keys::ignored))},
     {"sync_mode",
      optional(one_of({"incremental", "full_refresh", "full_refresh_and_clear_cache"}))},
     {"full_resync", optional(boolean())}});
  static const fields headers = {{"provider-config-key", optional(provider_config_key())},
                                 {"connection-id", optional(connection_id())}};
  if (auto no = x.refuse_query(query))
    return no;
  if (auto no = x.refuse_body(body))
    return no;
  if (auto no = x.refuse_headers(headers))
    return no;
  if (x.body->contains("opts")
      && (x.body->contains("sync_mode") || x.body->contains("full_resync")))
    return refuse(400, "invalid_body",
                  "Cannot use opts with deprecated sync_mode/full_resync parameters");
  return std::nullopt;
}

trigger_options options_of(const json& body) {
  if (auto opts = member(body, "opts")) {
    auto reset = flag_at(*opts, "reset");
    return {reset, reset && flag_at(*opts, "emptyCache")};
  }
  if (body.contains("sync_mode")) {
    auto mode = text_at(body, "sync_mode");
    return {mode != "incremental", mode == "full_refresh_and_clear_cache"};
  }
  return {flag_at(body, "full_resync"), false};
}

expected<http_response> trigger(api_call& x) {
  if (auto no = refuse_trigger(x))
    return std::move(*no);
  command_scope scope;
  scope.provider_config_key
    = text_at(*x.body, "provider_config_key", x.header("provider-config-key"));
  scope.connection_id = optional_text(*x.body, "connection_id");
  if (!scope.connection_id && !x.header("connection-id").empty())
    scope.connection_id = x.header("connection-id");
  scope.names = parse_sync_names(x.body->at("syncs"));
  if (scope.provider_config_key.empty())
    return refuse(400, "missing_provider_config_key",
                  "Missing provider_config_key. Provide it in the body or headers.");
  auto options = options_of(*x.body);
  options.trace = to_text(x.request.trace.child());
  return carry_out(x, scope, [&](auto& keys) { return x.api.cluster->trigger(keys, options); });
}

expected<http_response> set_paused(api_call& x, const command& order) {
  static const auto query = nothing();
  static const auto body = object({{"syncs", sync_list(other_keys::refused, command_syncs_max)},
                                   {"provider_config_key", provider_config_key()},
                                   {"connection_id", optional(connection_id())}});
  if (auto no = x.refuse_query(query))
    return std::move(*no);
  if (auto no = x.refuse_body(body))
    return std::move(*no);
  return carry_out(x,
                   {text_at(*x.body, "provider_config_key"),
                    optional_text(*x.body, "connection_id"), parse_sync_names(x.body->at("syncs"))},
                   order);
}

expected<http_response> status(api_call& x) {
  static const auto query = object({{"syncs", text()},
                                    {"provider_config_key", provider_config_key()},
                                    {"connection_id", optional(connection_id())}});
  if (auto no = x.refuse_query(query))
    return std::move(*no);
  command_scope scope{
    text_at(x.query, "provider_config_key"), optional_text(x.query, "connection_id"), {}};
  auto wanted = text_at(x.query, "syncs");
  auto numbers = connections_in(x, scope);
  if (!numbers)
    return std::move(numbers.error());
  if (scope.connection_id && numbers->empty())
    return refuse(400, "invalid_body", "Connection not found");
  if (wanted.empty())
    return json_answer(200, {{"syncs", json::array()}});
  if (wanted != "*")
    for (auto& part : split(wanted, ','))
      scope.names.push_back(parse_sync_name(part));
  auto result
    = read_statuses(x.db, x.environment(), scope.provider_config_key, *numbers, scope.names);
  if (!result)
    return std::move(result.error());
  return json_answer(200, {{"syncs", std::move(*result)}});
}

std::optional<http_response> refuse_frequency(const api_call& x) {
  static const auto query = nothing();
  static const auto body = object({{"sync_name", sync_name()},
                                   {"sync_variant", optional(sync_name())},
                                   {"provider_config_key", provider_config_key()},
                                   {"connection_id", connection_id()},
                                   {"frequency", nullable(text())}});
  if (auto no = x.refuse_query(query))
    return no;
  return x.refuse_body(body);
}

expected<http_response> set_frequency(api_call& x) {
  if (auto no = refuse_frequency(x))
    return std::move(*no);
  auto key = text_at(*x.body, "provider_config_key");
  auto number
    = connections{x.db}.number_of(x.environment(), key, text_at(*x.body, "connection_id"));
  if (!number)
    return std::move(number.error());
  if (*number == 0)
    return refuse(400, "unknown_connection");
  auto name = text_at(*x.body, "sync_name");
  auto deployed = functions{x.db}.find(x.environment(), key, name);
  if (!deployed)
    return std::move(deployed.error());
  variant_key target{{*number, name}, text_at(*x.body, "sync_variant", base_variant)};
  auto entry = variants{x.db}.find(target);
  if (!entry)
    return std::move(entry.error());
  if (!*deployed || !*entry)
    return refuse(400, "unknown_sync");
  auto wanted = text_at(*x.body, "frequency");
  auto removes = x.body->at("frequency").is_null();
  if (!removes && !parse_frequency(wanted))
    return refuse(400, "invalid_body", "Sync interval is invalid");
  auto& effective = removes ? (*deployed)->frequency : wanted;
  auto done = x.api.cluster->set_frequency(target, wanted, timing_of(**deployed));
  if (!done && code_of(done.error()) == errc::not_found)
    return refuse(400, "unknown_sync");
  if (!done)
    return std::move(done.error());
  return json_answer(200, {{"frequency", removes ? effective : shorten_frequency(wanted)}});
}

constexpr auto status_example
  = R"({"syncs":[{"id":"2adaaafe-1842-494c-a4d3-28c846aa1361","connection_id":"user-1",)"
    R"("type":"INCREMENTAL","finishedAt?":"2026-11-22T16:41:37.360Z",)"
    R"("nextScheduledSyncAt":null,"name":"orders","variant":"eu","status":"SUCCESS",)"
    R"("frequency":"every 1d","latestResult?":{},"latestExecutionStatus?":"SUCCESS",)"
    R"("recordCount":{},"checkpoint":null}]})";

route_facts command_facts(const char* summary) {
  return route_facts{summary}
    .scope("environment:syncs:execute")
    .answers(200, R"({"success":true})")
    .fails(400, "unknown_provider_config")
    .fails(404, "unknown_connection")
    .fails(400, "no_syncs_found");
}

} // namespace

std::vector<route> sync_routes(const api_context& api) {
  return {
    make_route(
      api, "POST", "/sync/trigger", trigger,
      command_facts("Runs variants of syncs now").fails(400, "missing_provider_config_key")),
    make_route(
      api, "POST", "/sync/pause", [](api_call& x) { return set_paused(x, x.api.cluster->pause); },
      command_facts("Pauses the schedules of variants").audited("sync.paused")),
    make_route(
      api, "POST", "/sync/start", [](api_call& x) { return set_paused(x, x.api.cluster->start); },
      command_facts("Starts the schedules of variants").audited("sync.started")),
    make_route(api, "GET", "/sync/status", status,
               route_facts{"Tells how variants are"}
                 .scope("environment:syncs:read")
                 .answers(200, status_example)
                 .fails(400, "invalid_body")),
    make_route(api, "PUT", "/sync/update-connection-frequency", set_frequency,
               route_facts{"Sets how often a variant runs, or takes that back with null"}
                 .scope("environment:syncs:update")
                 .audited("sync.frequency_changed")
                 .answers(200, R"({"frequency":"5m"})")
                 .fails(400, "unknown_connection")
                 .fails(400, "unknown_sync")),
  };
}

} // namespace varia
