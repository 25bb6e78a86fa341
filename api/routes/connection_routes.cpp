#include "api/routes/connection_routes.hpp"

#include "api/action_access.hpp"
#include "api/connection_list.hpp"
#include "api/connection_text.hpp"
#include "api/provider_access.hpp"
#include "api/routes/webhook_routes.hpp"
#include "api/syncs.hpp"
#include "core/ids.hpp"
#include "core/text.hpp"
#include "store/integrations.hpp"
#include "store/variant_limits.hpp"
#include "webhooks/payloads.hpp"

namespace varia {

namespace {

constexpr auto read_credentials_scope = "environment:connections:read_credentials";

std::string lower_tags(const json& body) {
  auto result = json::object();
  if (auto tags = member(body, "tags"))
    for (auto& [key, value] : tags->items())
      result[to_lower(key)] = value;
  return result.dump();
}

std::optional<http_response> refuse_import(const api_call& x) {
  static const auto query = nothing();
  static const auto body = object(
    {{"provider_config_key", provider_config_key()},
     {"connection_id", optional(connection_id())},
     {"credentials", credential_rules()},
     {"metadata", optional(record_of(any_value()))},
     {"connection_config", optional(object({{"oauth_scopes_override", optional(list_of(text()))}},
                                           other_keys::ignored))},
     {"webhook_url_override", optional(webhook_url())},
     {"end_user", optional(end_user())},
     {"tags", optional(tag_map())}});
  if (auto no = x.refuse_query(query))
    return no;
  return x.refuse_body(body);
}

connection connection_of(const api_call& x, const integration& of) {
  auto& body = *x.body;
  auto text_of_member = [&](const char* key) {
    auto value = member(body, key);
    return value == nullptr ? std::string{} : value->dump();
  };
  connection result;
  result.environment = x.environment();
  result.provider_config_key = of.unique_key;
  result.connection_id = text_at(body, "connection_id");
  if (result.connection_id.empty())
    result.connection_id = make_uuid();
  result.provider = of.provider;
  result.credentials = body.at("credentials").dump();
  result.metadata = text_of_member("metadata");
  if (body.contains("connection_config"))
    result.connection_config = text_of_member("connection_config");
  result.tags = lower_tags(body);
  result.end_user = text_of_member("end_user");
  result.webhook_url_override = text_at(body, "webhook_url_override");
  return result;
}

// A provider that left the catalogue keeps working with what its connections have.
std::optional<http_response> refuse_credentials(const api_call& x, const integration& of) {
  auto provider = x.api.catalogue->find(of.provider);
  auto type = text_at(x.body->at("credentials"), "type");
  if (provider == nullptr || provider->auth_mode == type)
    return std::nullopt;
  return refuse(400, "invalid_body",
                "Provider " + provider->auth_mode + " does not support " + type + " auth");
}

// Base variants are there before the import is answered, so a named one can be made right after.
expected<void> ensure_syncs(redis& db, const api_context& api, const connection& of) {
  auto deployed = functions{db}.list(of.environment, of.provider_config_key);
  if (!deployed)
    return std::move(deployed.error());
  std::vector<sync_wish> wishes;
  for (auto& each : *deployed)
    for (auto& wish : wishes_of(each, {of.number}))
      wishes.push_back(wish);
  if (wishes.empty())
    return caf::unit;
  if (auto done = api.cluster->ensure(wishes); !done)
    return done;
  for (auto& each : *deployed)
    if (auto done = watch_partitions(db, each, {of.number}); !done)
      return done;
  return caf::unit;
}

// What a new connection is followed by. Nobody waits for the functions.
expected<void> greet(redis& db, const api_context& api, const connection& of,
                     const trace_context& trace) {
  auto orders = orders_for_event(db, *api.actions, of, "post-connection-creation", trace);
  if (!orders)
    return std::move(orders.error());
  for (auto& order : *orders) {
    queue(order, 0);
    if (auto put = actions{db}.put(order, api.actions->rules.limits); !put)
      return put;
  }
  return caf::unit;
}

expected<http_response> take_in(redis& db, const api_context& api, const connection& of,
                                bool is_new, const trace_context& trace) {
  if (auto done = ensure_syncs(db, api, of); !done)
    return std::move(done.error());
  if (is_new)
    if (auto done = greet(db, api, of, trace); !done)
      return std::move(done.error());
  return json_answer(201, connection_text(of, time_form::zulu));
}

// Functions see a connection as it would be, so it is there while they judge it.
expected<http_response> turn_away(redis& db, const connection& of,
                                  const std::optional<connection>& before) {
  auto done = before ? connections{db}.restore(*before) : connections{db}.remove(of.number);
  if (!done && code_of(done.error()) != errc::not_found)
    return std::move(done.error());
  return refuse(400, "connection_validation_failed",
                "A function that validates connections has refused this one");
}

http_response answer_or_refuse(expected<http_response> x) {
  return x ? std::move(*x) : refuse_error(x.error());
}

expected<http_response> import(api_call& x) {
  if (auto no = refuse_import(x))
    return std::move(*no);
  auto of = integrations{x.db}.find(x.environment(), text_at(*x.body, "provider_config_key"));
  if (!of)
    return std::move(of.error());
  if (!*of)
    return refuse(404, "not_found", "Integration does not exist");
  if (auto no = refuse_credentials(x, **of))
    return std::move(*no);
  auto wanted = connection_of(x, **of);
  auto before
    = connections{x.db}.find(x.environment(), wanted.provider_config_key, wanted.connection_id);
  if (!before)
    return std::move(before.error());
  connection_notice notice{make_uuid(), auth_payload(wanted, {"creation", {}, {}}),
                           auth_payload(wanted, {"override", {}, {}})};
  auto judges
    = orders_for_event(x.db, *x.api.actions, wanted, "validate-connection", x.request.trace);
  if (!judges)
    return std::move(judges.error());
  if (judges->empty()) {
    auto stored = connections{x.db}.put(std::move(wanted), notice);
    if (!stored)
      return std::move(stored.error());
    return take_in(x.db, x.api, *stored, !*before, x.request.trace);
  }
  auto stored = connections{x.db}.put(std::move(wanted));
  if (!stored)
    return std::move(stored.error());
  for (auto& order : *judges)
    order.connection = stored->number;
  auto judged = [api = x.api, notice = std::move(notice), stored = *stored, before = *before,
                 trace = x.request.trace](redis& db, const std::optional<action_answer>& refusal) {
    if (refusal)
      return answer_or_refuse(turn_away(db, stored, before));
    if (auto told = connections{db}.tell(stored, notice, !before); !told)
      return refuse_error(told.error());
    return answer_or_refuse(take_in(db, api, stored, !before, trace));
  };
  http_response result;
  result.deferred = called_events(*x.api.actions, std::move(*judges), judged);
  return result;
}

std::optional<http_response> refuse_reference(const api_call& x) {
  static const auto params = object({{"connectionId", connection_id()}});
  static const auto flag = one_of({"true", "false"});
  static const auto query = object({{"provider_config_key", provider_config_key()},
                                    {"force_refresh", optional(flag)},
                                    {"refresh_token", optional(flag)},
                                    {"refresh_github_app_jwt_token", optional(flag)}});
  if (auto no = x.refuse_query(query))
    return no;
  return x.refuse_params(params);
}

expected<std::optional<connection>> find_connection(api_call& x) {
  return connections{x.db}.find(x.environment(), text_at(x.query, "provider_config_key"),
                                x.param("connectionId"));
}

expected<http_response> read(api_call& x) {
  if (auto no = refuse_reference(x))
    return std::move(*no);
  auto of = integrations{x.db}.find(x.environment(), text_at(x.query, "provider_config_key"));
  if (!of)
    return std::move(of.error());
  if (!*of)
    return refuse(400, "unknown_provider_config", "Integration does not exist");
  auto found = find_connection(x);
  if (!found)
    return std::move(found.error());
  if (!*found)
    return refuse(404, "not_found", "Failed to find connection");
  auto show = [shows_all = x.may(read_credentials_scope)](const connection& link) {
    auto text = connection_text(link, time_form::offset);
    if (!shows_all)
      text["credentials"] = json::object();
    return json_answer(200, text);
  };
  auto rules = read_provider_rules(**of);
  auto is_forced = text_at(x.query, "force_refresh") == "true";
  auto& tokens = x.api.outside->tokens;
  if (!rules || !token_keeper::is_renewable(*rules, **found)
      || !(is_forced || tokens.is_due(*rules, **found)))
    return show(**found);
  http_response result;
  result.deferred = renewed_connection(*x.api.outside, {std::move(**found), std::move(*rules)},
                                       is_forced ? token_need::forced : token_need::due, show);
  return result;
}

expected<http_response> change(api_call& x) {
  static const auto body = object({{"end_user", optional(end_user())},
                                   {"tags", optional(tag_map())},
                                   {"webhook_url_override", optional(webhook_url())}});
  if (auto no = refuse_reference(x))
    return std::move(*no);
  if (auto no = x.refuse_body(body))
    return std::move(*no);
  auto found = find_connection(x);
  if (!found)
    return std::move(found.error());
  if (!*found)
    return refuse(404, "not_found", "Failed to find connection");
  auto& changed = **found;
  if (auto user = member(*x.body, "end_user"))
    changed.end_user = user->dump();
  if (x.body->contains("tags"))
    changed.tags = lower_tags(*x.body);
  changed.webhook_url_override
    = text_at(*x.body, "webhook_url_override", changed.webhook_url_override);
  // Keeps what is stored, which may have changed by now.
  changed.metadata.clear();
  changed.credentials.clear();
  if (auto done = connections{x.db}.put(std::move(changed)); !done)
    return std::move(done.error());
  return succeed();
}

expected<http_response> remove(api_call& x) {
  if (auto no = refuse_reference(x))
    return std::move(*no);
  auto found = find_connection(x);
  if (!found)
    return std::move(found.error());
  if (!*found)
    return refuse(400, "unknown_connection");
  auto last
    = orders_for_event(x.db, *x.api.actions, **found, "pre-connection-deletion", x.request.trace);
  if (!last)
    return std::move(last.error());
  auto number = (*found)->number;
  // A function that fails does not keep a connection.
  auto end = [api = x.api, number](redis& db, const std::optional<action_answer>&) {
    auto done = remove_connection(db, api, number);
    if (!done && code_of(done.error()) == errc::not_found)
      return refuse(400, "unknown_connection");
    return done ? succeed() : refuse_error(done.error());
  };
  if (last->empty())
    return end(x.db, std::nullopt);
  http_response result;
  result.deferred = called_events(*x.api.actions, std::move(*last), end);
  return result;
}

constexpr auto connection_example
  = R"({"id":14,"connection_id":"user-1","provider_config_key":"shop",)"
    R"("provider":"unauthenticated","errors":[],"end_user":null,"tags":{},"metadata":null,)"
    R"("connection_config":{},"webhook_url_override":null,)"
    R"("created_at":"2026-11-22T16:40:59.838Z","updated_at":"2026-11-22T16:40:59.838Z",)"
    R"("last_fetched_at":null,"credentials":{}})";

route_facts import_facts() {
  return route_facts{"Imports a connection, or updates it"}
    .scope("environment:connections:create")
    .audited("connection.imported")
    .answers(201, connection_example)
    .fails(404, "not_found");
}

route_facts read_facts() {
  return route_facts{"Reads a connection; its credentials need the scope to read them"}
    .scope("environment:connections:read")
    .scope(read_credentials_scope)
    .answers(200, connection_example)
    .fails(400, "unknown_provider_config")
    .fails(404, "not_found")
    .fails(400, "invalid_credentials")
    .fails(400, "connection_refresh_backoff");
}

} // namespace

expected<void> remove_connection(redis& db, const api_context& api, connection_number number) {
  if (auto done = api.cluster->forget(number); !done)
    return done;
  if (auto done = actions{db}.forget(number); !done)
    return done;
  limit_change none{{{}, number, {}}, true, 0};
  auto limit = variant_limits{db}.view(none.scope, api.variants.named_max);
  if (limit && limit->of_connection)
    if (auto done = api.cluster->set_limit(none); !done)
      return done;
  return connections{db}.remove(number);
}

std::vector<route> connection_routes(const api_context& api) {
  std::vector<route> result;
  for (std::string path : {"/connections", "/connection"}) {
    auto one = path + "/:connectionId";
    result.push_back(make_route(api, "POST", path, import, import_facts()));
    result.push_back(make_route(api, "GET", path, list_connections, list_connections_facts()));
    result.push_back(make_route(api, "GET", one, read, read_facts()));
    result.push_back(make_route(api, "PATCH", one, change,
                                route_facts{"Changes the end user, tags or webhook of a connection"}
                                  .scope("environment:connections:update")
                                  .audited("connection.updated")
                                  .answers(200, R"({"success":true})")
                                  .fails(404, "not_found")));
    result.push_back(make_route(api, "DELETE", one, remove,
                                route_facts{"Deletes a connection with all variants of its syncs"}
                                  .scope("environment:connections:delete")
                                  .audited("connection.deleted")
                                  .answers(200, R"({"success":true})")
                                  .fails(400, "unknown_connection")));
  }
  return result;
}

} // namespace varia
