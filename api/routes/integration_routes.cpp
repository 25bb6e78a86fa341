#include "api/routes/integration_routes.hpp"

#include "api/connection_text.hpp"
#include "api/incoming_desk.hpp"
#include "api/routes/connection_routes.hpp"
#include "store/connections.hpp"
#include "store/environments.hpp"
#include "store/integration_text.hpp"
#include "store/integrations.hpp"

namespace varia {

namespace {

constexpr auto credentials_scope = "environment:integrations:read_credentials";

http_response refuse_unknown(const std::string& key) {
  return refuse(404, "not_found", "Integration \"" + key + "\" does not exist");
}

// The provider's settings with what the caller wants on top.
std::string merged(json settings, const json& body) {
  if (auto custom = member(body, "custom"))
    for (auto& [key, value] : custom->items())
      settings[key] = value;
  return settings.dump();
}

bool has_client(const provider* of) {
  return of != nullptr && (of->auth_mode == "OAUTH2" || of->auth_mode == "OAUTH2_CC");
}

// The OAuth client that all connections of an integration share.
schema client_rules(const std::string& type) {
  return object({{"type", one_of({type})},
                 {"client_id", text({at_least(1), at_most(255)})},
                 {"client_secret", text({at_most(2048)})},
                 {"scopes", optional(text({at_most(4096)}))}});
}

// What the provider has no use for is refused; to drop it would be a lie.
std::optional<http_response> refuse_useless(const api_call& x, const provider* of) {
  for (std::string key : {"credentials", "integration_config"}) {
    auto value = member(*x.body, key);
    if (value == nullptr || value->empty())
      continue;
    if (key != "credentials" || !has_client(of))
      return refuse(400, "invalid_body", "This provider takes no " + key + " of the integration");
    issues found;
    client_rules(of->auth_mode)(value, {key}, found);
    if (!found.empty())
      return refuse_issues("invalid_body", found);
  }
  return std::nullopt;
}

void take_client(const json& body, integration& target) {
  if (auto client = member(body, "credentials"))
    target.credentials = client->empty() ? std::string{} : client->dump();
}

schema display_name() {
  return text({at_least(1), at_most(255)});
}

std::optional<http_response> refuse_creation(const api_call& x) {
  static const auto query = nothing();
  static const auto body = object({{"provider", text()},
                                   {"unique_key", provider_config_key()},
                                   {"display_name", optional(display_name())},
                                   {"forward_webhooks", optional(boolean())},
                                   {"credentials", optional(record_of(any_value()))},
                                   {"integration_config", optional(record_of(any_value()))},
                                   {"custom", optional(integration_settings())}});
  if (auto no = x.refuse_query(query))
    return no;
  if (auto no = x.refuse_body(body))
    return no;
  auto of = x.api.catalogue->find(text_at(*x.body, "provider"));
  if (of == nullptr)
    return refuse_issues(
      "invalid_body", {{"invalid_value", "This provider is not in the catalogue", {"provider"}}});
  return refuse_useless(x, of);
}

expected<http_response> create(api_call& x) {
  if (auto no = refuse_creation(x))
    return std::move(*no);
  auto& of = *x.api.catalogue->find(text_at(*x.body, "provider"));
  integration wanted;
  wanted.unique_key = text_at(*x.body, "unique_key");
  wanted.provider = of.name;
  wanted.display_name = text_at(*x.body, "display_name", of.display_name);
  wanted.forward_webhooks = flag_at(*x.body, "forward_webhooks", true);
  wanted.settings = merged(of.settings, *x.body);
  take_client(*x.body, wanted);
  auto stored = integrations{x.db}.add(x.environment(), std::move(wanted));
  if (!stored && code_of(stored.error()) == errc::exists)
    return refuse(400, "invalid_body", "Unique key already exists");
  if (!stored)
    return std::move(stored.error());
  return json_answer(200, {{"data", integration_text(*stored)}});
}

expected<http_response> list(api_call& x) {
  static const auto query = nothing();
  if (auto no = x.refuse_query(query))
    return std::move(*no);
  auto all = integrations{x.db}.list(x.environment());
  if (!all)
    return std::move(all.error());
  auto data = json::array();
  for (auto& each : *all)
    data.push_back(integration_text(each));
  return json_answer(200, {{"data", std::move(data)}});
}

std::optional<http_response> refuse_key(const api_call& x) {
  static const auto params = object({{"uniqueKey", provider_config_key()}});
  return x.refuse_params(params);
}

expected<http_response> read(api_call& x) {
  static const auto part = one_of({"webhook", "credentials"});
  static const auto query = object({{"include", optional(either({part, list_of(part, 2)}))}});
  if (auto no = x.refuse_query(query))
    return std::move(*no);
  if (auto no = refuse_key(x))
    return std::move(*no);
  auto included = x.query.contains("include") ? x.query["include"].dump() : std::string{};
  if (included.find("credentials") != std::string::npos && !x.may(credentials_scope))
    return refuse(403, "forbidden",
                  std::string{"Insufficient scope. Required: "} + credentials_scope);
  auto found = integrations{x.db}.find(x.environment(), x.param("uniqueKey"));
  if (!found)
    return std::move(found.error());
  if (!*found)
    return refuse_unknown(x.param("uniqueKey"));
  auto data = integration_text(**found);
  if (included.find("webhook") != std::string::npos) {
    auto id = environments{x.db}.id_of(x.environment());
    if (!id)
      return std::move(id.error());
    data["webhook_url"] = x.api.incoming->url_of(*id, x.param("uniqueKey"));
  }
  if (included.find("credentials") != std::string::npos)
    data["credentials"] = stored_json((*found)->credentials, nullptr);
  return json_answer(200, {{"data", std::move(data)}});
}

std::optional<http_response> refuse_change(const api_call& x) {
  static const auto query = nothing();
  static const auto body = object({{"unique_key", optional(provider_config_key())},
                                   {"display_name", optional(display_name())},
                                   {"forward_webhooks", optional(boolean())},
                                   {"credentials", optional(record_of(any_value()))},
                                   {"integration_config", optional(record_of(any_value()))},
                                   {"custom", optional(integration_settings())}});
  if (auto no = x.refuse_query(query))
    return no;
  if (auto no = x.refuse_body(body))
    return no;
  if (auto no = refuse_key(x))
    return no;
  if (text_at(*x.body, "unique_key", x.param("uniqueKey")) != x.param("uniqueKey"))
    return refuse(400, "invalid_body", "The key of an integration cannot be changed");
  return std::nullopt;
}

expected<http_response> change(api_call& x) {
  if (auto no = refuse_change(x))
    return std::move(*no);
  auto found = integrations{x.db}.find(x.environment(), x.param("uniqueKey"));
  if (!found)
    return std::move(found.error());
  if (!*found)
    return refuse_unknown(x.param("uniqueKey"));
  auto& wanted = **found;
  if (auto no = refuse_useless(x, x.api.catalogue->find(wanted.provider)))
    return std::move(*no);
  take_client(*x.body, wanted);
  wanted.display_name = text_at(*x.body, "display_name", wanted.display_name);
  wanted.forward_webhooks = flag_at(*x.body, "forward_webhooks", wanted.forward_webhooks);
  wanted.settings = merged(stored_json(wanted.settings, json::object()), *x.body);
  auto stored = integrations{x.db}.update(x.environment(), std::move(wanted));
  if (!stored)
    return std::move(stored.error());
  return json_answer(200, {{"data", integration_text(*stored)}});
}

expected<http_response> remove(api_call& x) {
  static const auto query = nothing();
  if (auto no = x.refuse_query(query))
    return std::move(*no);
  if (auto no = refuse_key(x))
    return std::move(*no);
  auto& key = x.param("uniqueKey");
  auto numbers = connections{x.db}.numbers_of(x.environment(), key);
  if (!numbers)
    return std::move(numbers.error());
  for (auto number : *numbers)
    if (auto done = remove_connection(x.db, x.api, number);
        !done && code_of(done.error()) != errc::not_found)
      return std::move(done.error());
  auto done = integrations{x.db}.remove(x.environment(), key);
  if (!done && code_of(done.error()) == errc::not_found)
    return refuse_unknown(key);
  if (!done)
    return std::move(done.error());
  return succeed();
}

// Nobody shares credentials of providers with all users of Varia.
expected<http_response> refuse_quickstart(api_call&) {
  return refuse(404, "feature_disabled",
                "There are no shared credentials: use POST /integrations with your own");
}

constexpr auto one_example
  = R"({"data":{"unique_key":"shop","provider":"unauthenticated","display_name":"Shop"}})";
constexpr auto list_example
  = R"({"data":[{"unique_key":"shop","provider":"unauthenticated","display_name":"Shop"}]})";

} // namespace

std::vector<route> integration_routes(const api_context& api) {
  return {
    make_route(api, "POST", "/integrations", create,
               route_facts{"Creates an integration"}
                 .scope("environment:integrations:create")
                 .audited("integration.created")
                 .answers(200, one_example)),
    make_route(api, "POST", "/integrations/quickstart", refuse_quickstart,
               route_facts{"Answers that there are no shared credentials"}
                 .scope("environment:integrations:create")
                 .fails(404, "feature_disabled")),
    make_route(api, "GET", "/integrations", list,
               route_facts{"Lists the integrations"}
                 .scope("environment:integrations:list")
                 .scope("environment:integrations:list_credentials")
                 .answers(200, list_example)),
    make_route(api, "GET", "/integrations/:uniqueKey", read,
               route_facts{"Reads an integration"}
                 .scope("environment:integrations:read")
                 .scope(credentials_scope)
                 .answers(200, one_example)
                 .fails(404, "not_found")),
    make_route(api, "PATCH", "/integrations/:uniqueKey", change,
               route_facts{"Changes an integration"}
                 .scope("environment:integrations:update")
                 .audited("integration.updated")
                 .answers(200, one_example)
                 .fails(404, "not_found")),
    make_route(api, "DELETE", "/integrations/:uniqueKey", remove,
               route_facts{"Deletes an integration with all its connections"}
                 .scope("environment:integrations:delete")
                 .audited("integration.deleted")
                 .answers(200, R"({"success":true})")
                 .fails(404, "not_found")),
  };
}

} // namespace varia
