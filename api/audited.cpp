#include "api/audited.hpp"

#include "store/api_keys.hpp"
#include "store/audit.hpp"

#include <spdlog/spdlog.h>

#include <array>

namespace varia {

namespace {

// Which members of bodies and queries name things. No other one is kept.
constexpr std::array named_by{"provider_config_key",
                              "connection_id",
                              "unique_key",
                              "name",
                              "sync",
                              "sync_name",
                              "sync_variant",
                              "variant",
                              "variants",
                              "syncs",
                              "model",
                              "frequency",
                              "environment",
                              "display_name",
                              "scopes",
                              "key",
                              "worker",
                              "coordinator",
                              "function_name",
                              "id",
                              "deployMode",
                              "reconcile"};

constexpr size_t value_max = 500;
constexpr size_t path_max = 500;

std::string agent_of(const api_call& x) {
  if (is_by_session(x.request))
    return "dashboard";
  return x.header("user-agent").rfind("varia-console", 0) == 0 ? "console" : "api";
}

std::string dumped(const json& x) {
  return x.dump(-1, ' ', false, json::error_handler_t::replace);
}

void add_names(json& to, const json& from) {
  if (!from.is_object())
    return;
  for (auto name : named_by)
    if (auto value = member(from, name); value != nullptr && dumped(*value).size() <= value_max)
      to[name] = *value;
}

} // namespace

json audit_detail(const api_call& x) {
  json result{{"via", agent_of(x)},
              {"method", x.request.method},
              {"path", x.request.path.substr(0, path_max)}};
  if (x.request.from)
    result["key"] = x.request.from->key_id;
  if (!x.request.peer.empty())
    result["from"] = x.request.peer;
  auto names = json::object();
  add_names(names, x.query);
  if (x.body != nullptr)
    add_names(names, *x.body);
  result["names"] = std::move(names);
  return result;
}

void keep_audit(const api_call& x, const route_facts& facts) {
  auto of_all = facts.audits_for_all || x.environment().empty();
  auto stream = of_all ? std::string{account_name} : x.environment();
  auto who = x.request.from ? x.request.from->key_name : std::string{"nobody"};
  if (auto done = audit_log{x.db}.audit(stream, who, facts.audit, dumped(audit_detail(x))); !done)
    spdlog::error("{} by {} is missing in the audit stream: {}", facts.audit, who,
                  describe(done.error()));
}

} // namespace varia
