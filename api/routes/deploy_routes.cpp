#include "api/routes/deploy_routes.hpp"

#include "api/deployment.hpp"
#include "api/syncs.hpp"
#include "store/connections.hpp"
#include "store/function_versions.hpp"
#include "store/locks.hpp"

#include <spdlog/spdlog.h>

#include <map>
#include <set>

namespace varia {

namespace {

constexpr milliseconds lock_span{std::chrono::minutes{10}};
// Scripts cannot take a lock without a name.
constexpr auto lock_name = "";

// Numbers of connections by integration, each read once.
using connection_map = std::map<std::string, std::vector<connection_number>>;

expected<connection_map> read_connections(api_call& x, const std::vector<function>& of) {
  connection_map result;
  for (auto& each : of) {
    if (result.count(each.provider_config_key) > 0)
      continue;
    auto numbers = connections{x.db}.numbers_of(x.environment(), each.provider_config_key);
    if (!numbers)
      return std::move(numbers.error());
    result.emplace(each.provider_config_key, std::move(*numbers));
  }
  return result;
}

std::optional<http_response> refuse_deployment(const api_call& x) {
  static const auto query = nothing();
  static const auto body = deployment_rules();
  if (auto no = x.refuse_query(query))
    return no;
  return x.refuse_body(body);
}

expected<std::vector<function>> store_files_of(api_call& x, const std::vector<function>& before,
                                               std::vector<deployed_function>& wanted) {
  functions store{x.db};
  auto now = store.now();
  if (!now)
    return std::move(now.error());
  std::vector<function> result;
  for (auto& [definition, bundle, source] : wanted) {
    auto sha = store.put_code(bundle);
    if (!sha)
      return std::move(sha.error());
    definition.sha = std::move(*sha);
    if (!source.empty()) {
      sha = store.put_code(source);
      if (!sha)
        return std::move(sha.error());
      definition.source_sha = std::move(*sha);
    }
    auto old = find_deployed(before, definition);
    definition.version = version_of(definition, old);
    definition.schedule_since = schedule_since(definition, old, *now);
    if (old != nullptr && old->version == definition.version)
      definition.newest = old->newest;
    result.push_back(definition);
  }
  return result;
}

expected<void> keep_replaced(api_call& x, const std::vector<function>& before,
                             const std::vector<function>& wanted) {
  for (auto& each : wanted) {
    auto old = find_deployed(before, each);
    if (old == nullptr || (old->sha == each.sha && old->version == each.version))
      continue;
    if (auto kept = function_versions{x.db}.keep(x.environment(), *old); !kept)
      return kept;
  }
  return caf::unit;
}

// A sync that is gone takes its variants along, on every connection.
expected<void> remove_variants(api_call& x, const function& old) {
  auto numbers = connections{x.db}.numbers_of(x.environment(), old.provider_config_key);
  if (!numbers)
    return std::move(numbers.error());
  for (auto number : *numbers) {
    auto entries = variants{x.db}.list({number, old.name});
    if (!entries)
      return std::move(entries.error());
    for (auto& entry : *entries)
      if (auto done = x.api.cluster->remove(entry.key);
          !done && code_of(done.error()) != errc::not_found)
        return done;
  }
  return caf::unit;
}

expected<void> ensure_variants(api_call& x, const std::vector<function>& deployed) {
  auto numbers = read_connections(x, deployed);
  if (!numbers)
    return std::move(numbers.error());
  std::vector<sync_wish> wishes;
  for (auto& each : deployed)
    if (each.kind == function_kind::sync)
      for (auto& wish : wishes_of(each, (*numbers)[each.provider_config_key]))
        wishes.push_back(wish);
  if (wishes.empty())
    return caf::unit;
  if (auto done = x.api.cluster->ensure(wishes); !done)
    return done;
  for (auto& each : deployed)
    if (auto done = watch_partitions(x.db, each, (*numbers)[each.provider_config_key]); !done)
      return done;
  return caf::unit;
}

expected<http_response> deploy_all(api_call& x) {
  auto before = functions{x.db}.list(x.environment(), {}, function_kind::any);
  if (!before)
    return std::move(before.error());
  auto wanted = read_deployment(*x.body);
  auto obsolete = obsolete_functions(*x.body, *before, wanted);
  auto stored = store_files_of(x, *before, wanted);
  if (!stored)
    return std::move(stored.error());
  auto deployed = make_current(x, *before, std::move(*stored));
  if (!deployed)
    return std::move(deployed.error());
  for (auto& old : obsolete)
    if (auto done = remove_function(x, old); !done)
      return std::move(done.error());
  auto result = json::array();
  for (auto& each : *deployed)
    result.push_back(deployment_entry(each));
  return json_answer(200, result);
}

expected<http_response> deploy(api_call& x) {
  if (auto no = refuse_deployment(x))
    return std::move(*no);
  return alone(x, [&x] { return deploy_all(x); });
}

// A key opens one environment, so there is no other one to deploy to.
expected<http_response> deploy_to(api_call& x) {
  if (auto no = refuse_deployment(x))
    return std::move(*no);
  auto target = text_at(*x.body, "targetEnvironment", x.environment());
  if (target != x.environment())
    return refuse(403, "forbidden", "This key does not open the environment " + target);
  return alone(x, [&x] { return deploy_all(x); });
}

json preview_entry(const function& each, const connection_map& numbers) {
  return {{"name", each.name},
          {"providerConfigKey", each.provider_config_key},
          {"connections", numbers.at(each.provider_config_key).size()},
          {"auto_start", each.auto_start},
          {"models", each.models}};
}

std::string list_name(const function& x) {
  if (x.kind == function_kind::action)
    return "Actions";
  return x.kind == function_kind::on_event ? "OnEventScripts" : "Syncs";
}

json deleted_models_of(const std::vector<function>& before,
                       const std::vector<deployed_function>& wanted,
                       const std::vector<function>& obsolete) {
  std::set<std::string> kept;
  std::set<std::string> gone;
  for (auto& x : wanted)
    kept.insert(x.definition.models.begin(), x.definition.models.end());
  for (auto& x : obsolete)
    gone.insert(x.models.begin(), x.models.end());
  for (auto& x : wanted)
    if (auto old = find_deployed(before, x.definition))
      gone.insert(old->models.begin(), old->models.end());
  auto result = json::array();
  for (auto& model : gone)
    if (kept.count(model) == 0)
      result.push_back(model);
  return result;
}

expected<http_response> preview(api_call& x) {
  if (auto no = refuse_deployment(x))
    return std::move(*no);
  auto before = functions{x.db}.list(x.environment(), {}, function_kind::any);
  if (!before)
    return std::move(before.error());
  auto wanted = read_deployment(*x.body);
  // Clients ask before they know whether to reconcile.
  auto obsolete = unnamed_functions(*x.body, *before, wanted);
  auto touched = obsolete;
  for (auto& each : wanted)
    touched.push_back(each.definition);
  auto numbers = read_connections(x, touched);
  if (!numbers)
    return std::move(numbers.error());
  json result;
  for (auto key :
       {"newSyncs", "updatedSyncs", "deletedSyncs", "newActions", "updatedActions",
        "deletedActions", "newOnEventScripts", "updatedOnEventScripts", "deletedOnEventScripts"})
    result[key] = json::array();
  for (auto& each : wanted) {
    auto is_new = find_deployed(*before, each.definition) == nullptr;
    result[(is_new ? "new" : "updated") + list_name(each.definition)].push_back(
      preview_entry(each.definition, *numbers));
  }
  for (auto& old : obsolete)
    result["deleted" + list_name(old)].push_back(preview_entry(old, *numbers));
  result["deletedModels"] = deleted_models_of(*before, wanted, obsolete);
  return json_answer(200, result);
}

route_facts deploy_facts(const char* summary) {
  return route_facts{summary}.scope("environment:deploy");
}

} // namespace

expected<http_response> alone(api_call& x, const std::function<expected<http_response>()>& action) {
  auto owner = make_uuid();
  auto taken = locks{x.db}.take(x.environment(), lock_name, owner, lock_span);
  if (!taken)
    return std::move(taken.error());
  if (!*taken)
    return refuse(409, "concurrent_deployment", "A deployment of this environment is under way");
  std::shared_ptr<void> held{nullptr, [&](void*) {
                               auto done = locks{x.db}.release(x.environment(), lock_name, owner);
                               if (!done)
                                 spdlog::warn("the lock of a deployment stays for ten minutes: {}",
                                              describe(done.error()));
                             }};
  return action();
}

expected<std::vector<function>> make_current(api_call& x, const std::vector<function>& before,
                                             std::vector<function> wanted) {
  if (wanted.empty())
    return wanted;
  if (auto kept = keep_replaced(x, before, wanted); !kept)
    return std::move(kept.error());
  auto deployed = functions{x.db}.deploy(x.environment(), std::move(wanted));
  if (!deployed)
    return deployed;
  if (auto done = ensure_variants(x, *deployed); !done)
    return std::move(done.error());
  return deployed;
}

expected<void> remove_function(api_call& x, const function& old) {
  if (old.kind == function_kind::sync)
    if (auto done = remove_variants(x, old); !done)
      return done;
  if (auto kept = function_versions{x.db}.keep(x.environment(), old, true); !kept)
    return kept;
  auto done = functions{x.db}.remove(x.environment(), old.provider_config_key, old.name, old.kind);
  return done || code_of(done.error()) == errc::not_found ? expected<void>{caf::unit} : done;
}

std::vector<route> deploy_routes(const api_context& api) {
  return {
    make_route(api, "POST", "/sync/deploy", deploy,
               deploy_facts("Deploys functions")
                 .audited("functions.deployed")
                 .answers(200, R"([{"name":"orders","providerConfigKey":"shop"}])")
                 .fails(409, "concurrent_deployment")),
    make_route(api, "POST", "/sync/deploy/confirmation", preview,
               deploy_facts("Shows what a deployment would change")
                 .answers(200, R"({"newSyncs":[],"updatedSyncs":[],"deletedSyncs":[]})")),
    make_route(api, "POST", "/sync/deploy/internal", deploy_to,
               deploy_facts("Deploys functions to the environment that is named")
                 .audited("functions.deployed")
                 .answers(200, R"([{"name":"orders","providerConfigKey":"shop"}])")
                 .fails(409, "concurrent_deployment")),
  };
}

} // namespace varia
