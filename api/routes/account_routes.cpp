#include "api/routes/account_routes.hpp"

#include "api/account_calls.hpp"
#include "api/schemas.hpp"
#include "core/ids.hpp"
#include "store/connections.hpp"

#include <functional>
#include <utility>

namespace varia {

namespace {

constexpr size_t name_max = 255;
constexpr size_t scopes_most = 100;

http_response no_body() {
  http_response result;
  result.status = 204;
  result.content_type.clear();
  return result;
}

schema uuid() {
  return text({holds([](auto& x) { return is_uuid_v4(x); }, "Invalid UUID")})
    .shown_as("cd698d3a-f399-46e3-b424-3007eff03e6b");
}

schema key_name() {
  return text({at_least(1), at_most(name_max)}).shown_as("deployment");
}

schema scope_list() {
  return optional(list_of(text({at_most(name_max)}).shown_as("environment:*"), scopes_most));
}

std::vector<std::string> scopes_in(const json& body) {
  auto value = member(body, "scopes");
  return value == nullptr ? std::vector<std::string>{} : value->get<std::vector<std::string>>();
}

http_response show_key(const made_key& x) {
  auto data = key_text(x.about);
  data.erase("last_used_at");
  data["secret"] = x.secret;
  return json_answer(200, {{"data", std::move(data)}});
}

expected<http_response> list(api_call& x) {
  static const auto query = object({{"name", optional(environment_name())}});
  if (auto no = x.refuse_query(query))
    return std::move(*no);
  auto all = list_environments(x);
  if (!all)
    return std::move(all.error());
  auto data = json::array();
  for (auto& [name, id] : *all)
    if (text_at(x.query, "name", name) == name)
      data.push_back({{"uuid", id}, {"name", name}, {"is_production", false}});
  return json_answer(200, {{"data", std::move(data)}});
}

expected<http_response> create(api_call& x) {
  static const auto query = nothing();
  static const auto body = object({{"name", environment_name()}});
  if (auto no = x.refuse_query(query))
    return std::move(*no);
  if (auto no = x.refuse_body(body))
    return std::move(*no);
  auto name = text_at(*x.body, "name");
  auto made = make_environment(x, name);
  if (!made && code_of(made.error()) == errc::exists)
    return refuse(409, "conflict", "There is an environment of this name");
  if (!made)
    return std::move(made.error());
  return json_answer(200, {{"data", {{"uuid", *made}, {"name", name}}}});
}

using with_environment = std::function<expected<http_response>(api_call&, const std::string& name)>;

// The environment that a uuid in the path stands for.
expected<http_response> in_named(api_call& x, const with_environment& go_on) {
  auto all = list_environments(x);
  if (!all)
    return std::move(all.error());
  for (auto& [name, id] : *all)
    if (id == x.param("environmentUuid"))
      return go_on(x, name);
  return refuse(404, "not_found", "There is no environment of this uuid");
}

expected<http_response> remove(api_call& x, const std::string& name) {
  auto done = delete_environment(x, name);
  if (!done && code_of(done.error()) == errc::conflict)
    return refuse(409, "conflict", detail_of(done.error()));
  if (!done)
    return std::move(done.error());
  return no_body();
}

expected<http_response> list_keys(api_call& x, const std::string& environment) {
  auto all = api_keys{x.db}.list(environment);
  if (!all)
    return std::move(all.error());
  auto data = json::array();
  for (auto& each : *all)
    if (text_at(x.query, "display_name", each.name) == each.name)
      data.push_back(key_text(each));
  return json_answer(200, {{"data", std::move(data)}});
}

expected<http_response> read_key(api_call& x, const std::string& environment) {
  auto all = api_keys{x.db}.list(environment);
  if (!all)
    return std::move(all.error());
  for (auto& each : *all)
    if (each.id == x.param("keyUuid"))
      return json_answer(200, {{"data", key_text(each)}});
  return refuse(404, "not_found", "There is no key of this uuid");
}

expected<http_response> create_key(api_call& x, const std::string& environment) {
  return make_key(x, {environment, text_at(*x.body, "display_name"), scopes_in(*x.body)}, show_key);
}

expected<http_response> remove_key(api_call& x, const std::string& environment) {
  auto done = revoke_key(x, environment, x.param("keyUuid"));
  if (!done && code_of(done.error()) == errc::not_found)
    return refuse(404, "not_found", "There is no key of this uuid");
  if (!done)
    return std::move(done.error());
  return no_body();
}

std::optional<http_response> refuse_request(const api_call& x, const schema* body,
                                            bool filters = false) {
  static const auto none = nothing();
  static const auto filter = object({{"display_name", optional(key_name())}});
  static const auto one
    = object({{"environmentUuid", optional(uuid())}, {"keyUuid", optional(uuid())}});
  if (auto no = x.refuse_query(filters ? filter : none))
    return no;
  if (auto no = x.refuse_params(one))
    return no;
  return body == nullptr ? std::nullopt : x.refuse_body(*body);
}

// The same under the uuid of any environment, and for the environment of the caller.
handler named(with_environment go_on, const schema* body = nullptr, bool filters = false) {
  return [=](api_call& x) -> expected<http_response> {
    if (auto no = refuse_request(x, body, filters))
      return std::move(*no);
    return in_named(x, go_on);
  };
}

handler own(with_environment go_on, const schema* body = nullptr, bool filters = false) {
  return [=](api_call& x) -> expected<http_response> {
    if (auto no = refuse_request(x, body, filters))
      return std::move(*no);
    return go_on(x, x.environment());
  };
}

route_facts facts_of(const char* summary, const char* scope) {
  return route_facts{summary}
    .scope(std::string{"account:environments:"} + scope)
    .fails(404, "not_found");
}

constexpr auto key_example
  = R"({"data":{"uuid":"cd698d3a-f399-46e3-b424-3007eff03e6b","display_name":"deployment",)"
    R"("scopes":["environment:*"],"created_at":"2026-11-22T16:40:59.838Z","secret?":"x"}})";

constexpr auto keys_example
  = R"({"data":[{"uuid":"cd698d3a-f399-46e3-b424-3007eff03e6b","display_name":"deployment",)"
    R"("scopes":["environment:*"],"last_used_at":null,"created_at":null}]})";

void add_key_routes(const api_context& api, std::vector<route>& to) {
  static const auto body = object({{"display_name", key_name()}, {"scopes", scope_list()}});
  for (auto& [path, lead] :
       {std::pair<std::string, handler (*)(with_environment, const schema*, bool)>{
          "/environments/:environmentUuid/api-keys", named},
        {"/environment/api-keys", own}}) {
    auto one = path + "/:keyUuid";
    to.push_back(make_route(api, "GET", path, lead(list_keys, nullptr, true),
                            facts_of("Lists the API keys of an environment", "api_keys:list")
                              .answers(200, keys_example)));
    to.push_back(
      make_route(api, "POST", path, lead(create_key, &body, false),
                 facts_of("Makes an API key; only this answer shows it", "api_keys:create")
                   .audited_for_all("key.created")
                   .answers(200, key_example)
                   .fails(409, "conflict")
                   .fails(400, "resource_capped")));
    to.push_back(make_route(api, "GET", one, lead(read_key, nullptr, false),
                            facts_of("Tells what is known of an API key", "api_keys:read")
                              .answers(200, R"({"data":{"uuid":"x","display_name":"x"}})")));
    to.push_back(make_route(api, "DELETE", one, lead(remove_key, nullptr, false),
                            facts_of("Revokes an API key", "api_keys:delete")
                              .audited_for_all("key.revoked")
                              .answers(204, {})));
  }
}

} // namespace

std::vector<route> account_routes(const api_context& api) {
  std::vector<route> result;
  result.push_back(
    make_route(api, "GET", "/environments", list,
               facts_of("Lists the environments", "list")
                 .answers(200, R"({"data":[{"uuid":"x","name":"prod","is_production":false}]})")));
  result.push_back(make_route(api, "POST", "/environments", create,
                              facts_of("Makes an environment", "create")
                                .audited_for_all("environment.created")
                                .answers(200, R"({"data":{"uuid":"x","name":"prod"}})")
                                .fails(409, "conflict")
                                .fails(400, "resource_capped")));
  result.push_back(make_route(api, "DELETE", "/environments/:environmentUuid", named(remove),
                              facts_of("Deletes an environment with everything in it", "delete")
                                .audited_for_all("environment.deleted")
                                .answers(204, {})
                                .fails(409, "conflict")));
  add_key_routes(api, result);
  for (auto& each : result)
    if (each.path.rfind("/environment/", 0) != 0)
      each.needs = access::with_any_key;
  return result;
}

} // namespace varia
