#include "api/routes/operator_routes.hpp"

#include "api/account_calls.hpp"
#include "api/connection_text.hpp"
#include "api/schemas.hpp"
#include "core/text.hpp"
#include "store/audit.hpp"

#include <cmath>
#include <cstdlib>
#include <utility>

namespace varia {

namespace {

constexpr size_t name_max = 255;
constexpr size_t scopes_text_max = 4096;
constexpr double entries_max = 1000;
constexpr size_t entries_default = 100;

schema environment_or_account() {
  return either({environment_name(), one_of({account_name})});
}

expected<http_response> list_all(api_call& x) {
  static const auto query = nothing();
  if (auto no = x.refuse_query(query))
    return std::move(*no);
  auto all = list_environments(x);
  if (!all)
    return std::move(all.error());
  auto keys = api_keys{x.db}.list_all();
  if (!keys)
    return std::move(keys.error());
  auto result = json::array();
  for (auto& [name, id] : *all) {
    auto count = 0;
    for (auto& each : *keys)
      count += each.environment == name ? 1 : 0;
    result.push_back({{"name", name}, {"uuid", id}, {"keys", count}});
  }
  return json_answer(200, {{"environments", std::move(result)}});
}

expected<http_response> create(api_call& x) {
  static const auto body = object({{"name", environment_name()}});
  if (auto no = x.refuse_body(body))
    return std::move(*no);
  auto name = text_at(*x.body, "name");
  auto made = make_environment(x, name);
  if (!made && code_of(made.error()) == errc::exists)
    return refuse(409, "conflict", "There is an environment " + name);
  if (!made)
    return std::move(made.error());
  return json_answer(200, {{"name", name}, {"uuid", *made}});
}

expected<bool> is_environment(api_call& x, const std::string& name) {
  auto all = list_environments(x);
  if (!all)
    return std::move(all.error());
  return all->count(name) > 0;
}

expected<http_response> remove(api_call& x) {
  static const auto body = object({{"name", environment_name()}});
  if (auto no = x.refuse_body(body))
    return std::move(*no);
  auto name = text_at(*x.body, "name");
  auto known = is_environment(x, name);
  if (!known)
    return std::move(known.error());
  if (!*known)
    return refuse(404, "not_found", "There is no environment " + name);
  auto done = delete_environment(x, name);
  if (!done && code_of(done.error()) == errc::conflict)
    return refuse(409, "conflict", detail_of(done.error()));
  if (!done)
    return std::move(done.error());
  return succeed();
}

json operator_text(const api_key& x) {
  auto result = json{{"environment", x.environment}, {"name", x.name}, {"key", x.id}};
  for (auto field : {"scopes", "created_at", "last_used_at"})
    result[field] = key_text(x)[field];
  return result;
}

expected<http_response> list_keys(api_call& x) {
  static const auto query = object({{"environment", optional(environment_or_account())}});
  if (auto no = x.refuse_query(query))
    return std::move(*no);
  auto all = api_keys{x.db}.list_all();
  if (!all)
    return std::move(all.error());
  auto result = json::array();
  for (auto& each : *all)
    if (text_at(x.query, "environment", each.environment) == each.environment)
      result.push_back(operator_text(each));
  return json_answer(200, {{"keys", std::move(result)}});
}

http_response show_secret(const made_key& x) {
  auto result = operator_text(x.about);
  result.erase("last_used_at");
  result["secret"] = x.secret;
  return json_answer(200, result);
}

expected<http_response> create_key(api_call& x) {
  static const auto body = object({{"environment", environment_or_account()},
                                   {"name", text({at_least(1), at_most(name_max)})},
                                   {"scopes", optional(text({at_least(1), at_most(scopes_text_max)})
                                                         .shown_as("environment:records:read"))}});
  if (auto no = x.refuse_body(body))
    return std::move(*no);
  auto environment = text_at(*x.body, "environment");
  if (environment != account_name) {
    auto known = is_environment(x, environment);
    if (!known)
      return std::move(known.error());
    if (!*known)
      return refuse(404, "not_found", "There is no environment " + environment);
  }
  std::vector<std::string> scopes;
  if (auto text = text_at(*x.body, "scopes"); !text.empty())
    for (auto& each : split(text, ','))
      scopes.emplace_back(trim(each));
  return make_key(x, {environment, text_at(*x.body, "name"), std::move(scopes)}, show_secret);
}

// A key is named by its id, or by its name.
expected<http_response> revoke(api_call& x) {
  static const auto body = object(
    {{"environment", environment_or_account()}, {"key", text({at_least(1), at_most(name_max)})}});
  if (auto no = x.refuse_body(body))
    return std::move(*no);
  auto environment = text_at(*x.body, "environment");
  auto named = text_at(*x.body, "key");
  auto all = api_keys{x.db}.list(environment);
  if (!all)
    return std::move(all.error());
  for (auto& each : *all)
    if (each.id == named || each.name == named) {
      auto done = revoke_key(x, environment, each.id);
      if (!done)
        return std::move(done.error());
      return succeed();
    }
  return refuse(404, "not_found", "There is no such key");
}

expected<http_response> read_audit(api_call& x) {
  static const auto query = object({{"limit", optional(number_text(1, entries_max))},
                                    {"before", optional(text({at_least(1), at_most(40)}))},
                                    {"of", optional(one_of({"environment", account_name}))}});
  if (auto no = x.refuse_query(query))
    return std::move(*no);
  auto of_account = text_at(x.query, "of") == account_name || x.environment().empty();
  if (of_account && !x.may("account:audit:read"))
    return refuse(403, "forbidden", "Insufficient scope. Required: account:audit:read");
  auto limit = text_at(x.query, "limit");
  auto count = limit.empty()
                 ? entries_default
                 : static_cast<size_t>(std::lround(std::strtod(limit.c_str(), nullptr)));
  auto entries = audit_log{x.db}.read(of_account ? account_name : x.environment(), count,
                                      text_at(x.query, "before"));
  if (!entries && code_of(entries.error()) == errc::invalid)
    return refuse_issues("invalid_query_params",
                         {{"invalid_format", "Invalid id of an entry", {"before"}}});
  if (!entries)
    return std::move(entries.error());
  auto result = json::array();
  for (auto& each : *entries)
    result.push_back({{"id", each.id},
                      {"at", to_iso_z(each.at)},
                      {"who", each.who},
                      {"what", each.what},
                      {"detail", stored_json(each.detail, json::object())}});
  return json_answer(200, {{"entries", std::move(result)}});
}

route_facts facts_of(const char* summary, const char* scope) {
  return route_facts{summary}.scope(scope).answers(200, R"({"success":true})");
}

constexpr auto audit_example
  = R"({"entries":[{"id":"1795368987000-0","at":"2026-11-22T16:40:59.838Z","who":"first key",)"
    R"("what":"variant.created","detail":{}}]})";
constexpr auto key_example
  = R"({"environment":"prod","name":"deployment","key":"cd698d3a-f399-46e3-b424-3007eff03e6b",)"
    R"("scopes":["environment:*"],"created_at":null,"secret":"x"})";

} // namespace

std::vector<route> operator_routes(const api_context& api) {
  std::vector<route> result{
    make_route(api, "GET", "/varia/environments", list_all,
               facts_of("Lists the environments", "account:environments:list")
                 .answers(200, R"({"environments":[{"name":"dev","uuid":"x","keys":1}]})")),
    make_route(api, "POST", "/varia/environments", create,
               facts_of("Makes an environment", "account:environments:create")
                 .audited_for_all("environment.created")
                 .answers(200, R"({"name":"prod","uuid":"x"})")
                 .fails(409, "conflict")
                 .fails(400, "resource_capped")),
    make_route(
      api, "POST", "/varia/environments/delete", remove,
      facts_of("Deletes an environment with everything in it", "account:environments:delete")
        .audited_for_all("environment.deleted")
        .fails(404, "not_found")
        .fails(409, "conflict")),
    make_route(api, "GET", "/varia/keys", list_keys,
               facts_of("Lists the API keys", "account:environments:api_keys:list")
                 .answers(200, R"({"keys":[]})")),
    make_route(api, "POST", "/varia/keys", create_key,
               facts_of("Makes an API key; only this answer shows it",
                        "account:environments:api_keys:create")
                 .audited_for_all("key.created")
                 .answers(200, key_example)
                 .fails(404, "not_found")
                 .fails(409, "conflict")
                 .fails(400, "resource_capped")),
    make_route(api, "POST", "/varia/keys/revoke", revoke,
               facts_of("Revokes an API key", "account:environments:api_keys:delete")
                 .audited_for_all("key.revoked")
                 .fails(404, "not_found")),
    make_route(api, "GET", "/varia/audit", read_audit,
               route_facts{"Tells who changed what, newest first"}
                 .scope("environment:audit:read")
                 .scope("account:audit:read")
                 .answers(200, audit_example)),
  };
  for (auto& each : result)
    each.needs = access::with_any_key;
  return result;
}

} // namespace varia
