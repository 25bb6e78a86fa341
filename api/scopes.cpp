#include "api/scopes.hpp"

#include <algorithm>

namespace varia {

namespace {

// What contract 1.2 has beside what our routes ask for.
const std::vector<std::string> contract_scopes{
  "environment:integrations:list_credentials",
  "environment:integrations:list_functions",
  "environment:connect_sessions:write",
  "environment:agent_sessions:write",
  "environment:actions:execute",
  "environment:functions:list",
  "environment:functions:read",
  "environment:functions:delete",
  "environment:functions:compile",
  "environment:functions:dryrun",
  "environment:functions:invocations",
  "environment:webhook_signing_key:rotate",
  "environment:mcp",
  "account:environments:set_production",
  "account:environments:api_keys:read",
};

} // namespace

std::set<std::string> all_scopes(const std::vector<route>& routes) {
  std::set<std::string> result{contract_scopes.begin(), contract_scopes.end()};
  for (auto& each : routes)
    result.insert(each.facts.scopes.begin(), each.facts.scopes.end());
  return result;
}

std::string unknown_scope(const std::set<std::string>& known,
                          const std::vector<std::string>& given) {
  for (auto& each : given)
    if (!is_scope(each)
        || std::none_of(known.begin(), known.end(), [&](auto& x) { return covers(each, x); }))
      return each;
  return {};
}

std::string ungrantable_scope(const caller& giver, const std::vector<std::string>& given) {
  for (auto& each : given)
    if (!covers("environment:*", each) && !giver.may(each))
      return each;
  return {};
}

} // namespace varia
