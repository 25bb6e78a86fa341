#include "api/routes/function_routes.hpp"

#include "api/deployment.hpp"
#include "api/function_text.hpp"
#include "api/routes/deploy_routes.hpp"
#include "core/text.hpp"
#include "core/time.hpp"
#include "store/function_versions.hpp"
#include "store/integrations.hpp"

#include <algorithm>

namespace varia {

namespace {

constexpr double page_max = 1'000'000;
constexpr size_t limit_default = 20;
constexpr double limit_max = 100;

schema kinds() {
  return one_of({function_kind::sync, function_kind::action, function_kind::on_event});
}

std::optional<http_response> refuse_names(const api_call& x) {
  static const auto key = object({{"uniqueKey", provider_config_key()}});
  static const auto both = object({{"uniqueKey", provider_config_key()}, {"name", sync_name()}});
  return x.refuse_params(x.request.params.count("name") > 0 ? both : key);
}

// Functions may be there before their integration, so either is enough.
expected<std::vector<function>> functions_of(api_call& x, const std::string& key) {
  auto all = functions{x.db}.list(x.environment(), key, function_kind::any);
  if (!all || !all->empty())
    return all;
  auto known = integrations{x.db}.find(x.environment(), key);
  if (!known)
    return std::move(known.error());
  if (!*known)
    return fail(errc::not_found, "Integration \"" + key + "\" does not exist");
  return all;
}

size_t number_at(const json& query, const char* name, size_t otherwise) {
  auto text = text_at(query, name);
  return text.empty() ? otherwise : static_cast<size_t>(std::stod(text));
}

json page_of(const std::vector<function>& all, size_t page, size_t limit) {
  auto data = json::array();
  for (size_t i = page * limit; i < all.size() && data.size() < limit; ++i)
    data.push_back(function_text(all[i]));
  return {{"data", std::move(data)},
          {"pagination", {{"total", all.size()}, {"page", page}, {"limit", limit}}}};
}

expected<http_response> list(api_call& x) {
  static const auto query = object({{"type", optional(kinds())},
                                    {"search", optional(text({at_least(1), at_most(255)}))},
                                    {"page", optional(number_text(0, page_max))},
                                    {"limit", optional(number_text(1, limit_max))}});
  if (auto no = x.refuse_query(query))
    return std::move(*no);
  if (auto no = refuse_names(x))
    return std::move(*no);
  auto all = functions_of(x, x.param("uniqueKey"));
  if (!all && code_of(all.error()) == errc::not_found)
    return refuse(404, "not_found", detail_of(all.error()));
  if (!all)
    return std::move(all.error());
  auto type = text_at(x.query, "type");
  auto wanted = to_lower(text_at(x.query, "search"));
  auto is_other = [&](auto& each) {
    return (!type.empty() && each.kind != type)
           || to_lower(each.name).find(wanted) == std::string::npos;
  };
  all->erase(std::remove_if(all->begin(), all->end(), is_other), all->end());
  return json_answer(
    200, page_of(*all, number_at(x.query, "page", 0), number_at(x.query, "limit", limit_default)));
}

/// The function that a request names, or the refusal.
struct found_function {
  std::optional<function> value;
  http_response refusal;
};

found_function refused(http_response no) {
  return {std::nullopt, std::move(no)};
}

// Without a type the name is enough if only one function has it.
expected<found_function> find_one(api_call& x, const std::string& key, const std::string& name,
                                  const std::string& type) {
  auto all = functions{x.db}.list(x.environment(), key, function_kind::any);
  if (!all)
    return std::move(all.error());
  auto is_other
    = [&](auto& each) { return each.name != name || (!type.empty() && each.kind != type); };
  all->erase(std::remove_if(all->begin(), all->end(), is_other), all->end());
  if (all->empty())
    return refused(refuse(404, "not_found", "There is no function \"" + name + "\""));
  if (all->size() > 1)
    return refused(refuse(400, "invalid_query_params",
                          "Several functions are called \"" + name + "\": say the type"));
  return found_function{std::move(all->front()), {}};
}

expected<found_function> find_named(api_call& x) {
  static const auto query = object({{"type", optional(kinds())}});
  if (auto no = x.refuse_query(query))
    return refused(std::move(*no));
  if (auto no = refuse_names(x))
    return refused(std::move(*no));
  return find_one(x, x.param("uniqueKey"), x.param("name"), text_at(x.query, "type"));
}

expected<http_response> read(api_call& x) {
  auto found = find_named(x);
  if (!found)
    return std::move(found.error());
  if (!found->value)
    return std::move(found->refusal);
  return json_answer(200, {{"data", function_text(*found->value)}});
}

expected<http_response> read_code(api_call& x) {
  auto found = find_named(x);
  if (!found)
    return std::move(found.error());
  if (!found->value)
    return std::move(found->refusal);
  auto& sha = found->value->source_sha;
  if (sha.empty())
    return refuse(404, "not_found", "This function was deployed without its source");
  auto code = functions{x.db}.code(sha);
  if (!code)
    return std::move(code.error());
  return json_answer(200, {{"type", found->value->kind}, {"code", *code}});
}

expected<http_response> remove(api_call& x) {
  auto found = find_named(x);
  if (!found)
    return std::move(found.error());
  if (!found->value)
    return std::move(found->refusal);
  return alone(x, [&]() -> expected<http_response> {
    if (auto done = remove_function(x, *found->value); !done)
      return std::move(done.error());
    return succeed();
  });
}

json version_entry(const function& x, bool current) {
  return {{"version", x.version},
          {"current", current},
          {"deployed_at", to_iso_z(x.deployed_at)},
          {"sha", x.sha},
          {"sdk_version", x.sdk_version}};
}

fields function_id(schema name) {
  return {{"provider_config_key", provider_config_key()},
          {"name", std::move(name)},
          {"type", optional(kinds())}};
}

expected<http_response> list_versions(api_call& x) {
  static const auto query = object(function_id(sync_name()));
  if (auto no = x.refuse_query(query))
    return std::move(*no);
  auto key = text_at(x.query, "provider_config_key");
  auto name = text_at(x.query, "name");
  auto type = text_at(x.query, "type", function_kind::sync);
  auto current = functions{x.db}.find(x.environment(), key, name, type);
  if (!current)
    return std::move(current.error());
  auto former = function_versions{x.db}.list(x.environment(), key, name, type);
  if (!former)
    return std::move(former.error());
  if (!*current && former->empty())
    return refuse(404, "not_found", "There is no function \"" + name + "\"");
  auto result = json::array();
  if (*current)
    result.push_back(version_entry(**current, true));
  for (auto& each : *former)
    if (!*current || each.version != (*current)->version || each.sha != (*current)->sha)
      result.push_back(version_entry(each, false));
  return json_answer(200, {{"versions", std::move(result)}});
}

// The last one of that version, or the last one that is not the current one.
const function* choose_version(const std::vector<function>& former, const function* current,
                               const std::string& version) {
  for (auto& each : former) {
    auto is_current
      = current != nullptr && each.version == current->version && each.sha == current->sha;
    if (version.empty() ? !is_current : each.version == version)
      return &each;
  }
  return nullptr;
}

expected<http_response> roll_back_to(api_call& x, const std::string& key, const std::string& name,
                                     const std::string& type) {
  auto all = functions{x.db}.list(x.environment(), key, function_kind::any);
  if (!all)
    return std::move(all.error());
  auto former = function_versions{x.db}.list(x.environment(), key, name, type);
  if (!former)
    return std::move(former.error());
  function like;
  like.provider_config_key = key;
  like.name = name;
  like.kind = type;
  auto current = find_deployed(*all, like);
  auto version = text_at(*x.body, "version");
  auto chosen = choose_version(*former, current, version);
  if (chosen == nullptr)
    return refuse(404, "not_found",
                  version.empty() ? "There is no former version"
                                  : "There is no former version " + version);
  auto wanted = *chosen;
  auto now = functions{x.db}.now();
  if (!now)
    return std::move(now.error());
  wanted.schedule_since = schedule_since(wanted, current, *now);
  auto& last = current != nullptr ? *current : former->front();
  wanted.newest = last.newest.empty() ? last.version : last.newest;
  auto done = make_current(x, *all, {std::move(wanted)});
  if (!done)
    return std::move(done.error());
  return json_answer(200, deployment_entry(done->front()));
}

expected<http_response> roll_back(api_call& x) {
  static const auto query = nothing();
  static const auto body = [] {
    auto all = function_id(sync_name());
    all.emplace_back("version", optional(text({at_least(1), at_most(255)})));
    return object(std::move(all));
  }();
  if (auto no = x.refuse_query(query))
    return std::move(*no);
  if (auto no = x.refuse_body(body))
    return std::move(*no);
  return alone(x, [&x] {
    return roll_back_to(x, text_at(*x.body, "provider_config_key"), text_at(*x.body, "name"),
                        text_at(*x.body, "type", function_kind::sync));
  });
}

expected<http_response> list_all(api_call& x) {
  static const auto query = nothing();
  if (auto no = x.refuse_query(query))
    return std::move(*no);
  auto all = functions{x.db}.list(x.environment(), {}, function_kind::any);
  if (!all)
    return std::move(all.error());
  auto result = json::array();
  for (auto& each : *all)
    result.push_back({{"provider_config_key", each.provider_config_key},
                      {"name", each.name},
                      {"type", each.kind},
                      {"version", each.version},
                      {"frequency", each.frequency},
                      {"models", each.models},
                      {"deployed_at", to_iso_z(each.deployed_at)}});
  return json_answer(200, {{"functions", std::move(result)}});
}

// The hosted compiler and what belongs to it: projects are compiled where they are written.
expected<http_response> refuse_hosting(api_call&) {
  return refuse(404, "feature_disabled",
                "Functions are compiled by `nango deploy` or `varia deploy`, not by the server");
}

route_facts facts_of(const char* summary, const char* scope, const char* example) {
  return route_facts{summary}
    .scope(std::string{"environment:"} + scope)
    .answers(200, example)
    .fails(404, "not_found");
}

constexpr auto page_example = R"({"data":[{"name":"orders","type":"sync","version":"0.0.1"}],)"
                              R"("pagination":{"total":1,"page":0,"limit":20}})";
constexpr auto one_example = R"({"data":{"name":"orders","type":"sync","version":"0.0.1"}})";
constexpr auto code_example = R"({"type":"sync","code":"export default createSync({});"})";
constexpr auto list_example
  = R"({"functions":[{"provider_config_key":"shop","name":"orders","type":"sync",)"
    R"("version":"0.0.1"}]})";
constexpr auto versions_example = R"({"versions":[{"version":"0.0.1","current":true,)"
                                  R"("deployed_at":"2026-11-22T16:40:59.838Z"}]})";
constexpr auto deployed_example
  = R"({"name":"orders","models":["Order"],"version":"0.0.1","providerConfigKey":"shop",)"
    R"("type":"sync"})";

} // namespace

std::vector<route> function_routes(const api_context& api) {
  return {
    make_route(api, "GET", "/integrations/:uniqueKey/functions", list,
               facts_of("Lists the functions of an integration", "functions:list", page_example)),
    make_route(api, "GET", "/integrations/:uniqueKey/functions/:name", read,
               facts_of("Reads a function", "functions:read", one_example)),
    make_route(api, "GET", "/integrations/:uniqueKey/functions/:name/code", read_code,
               facts_of("Reads the code of a function", "functions:read", code_example)),
    make_route(api, "DELETE", "/integrations/:uniqueKey/functions/:name", remove,
               facts_of("Deletes a function", "functions:delete", R"({"success":true})")
                 .audited("function.deleted")
                 .fails(409, "concurrent_deployment")),
    make_route(api, "GET", "/scripts/config", show_scripts,
               facts_of("Shows what is deployed", "integrations:list_functions", "null")),
    make_route(api, "GET", "/varia/functions", list_all,
               facts_of("Lists all functions", "functions:list", list_example)),
    make_route(api, "GET", "/varia/functions/versions", list_versions,
               facts_of("Lists the versions of a function", "functions:list", versions_example)),
    make_route(
      api, "POST", "/varia/functions/rollback", roll_back,
      facts_of("Makes a former version of a function the current one", "deploy", deployed_example)
        .audited("function.rolled_back")
        .fails(409, "concurrent_deployment")),
    make_route(
      api, "*", "/functions/*", refuse_hosting,
      facts_of("Answers that functions are compiled elsewhere", "functions:compile", "null")
        .fails(404, "feature_disabled")),
  };
}

} // namespace varia
