#include "api/account_calls.hpp"

#include "api/api.hpp"
#include "api/auth.hpp"
#include "api/routes/connection_routes.hpp"
#include "api/scopes.hpp"
#include "store/audit.hpp"
#include "store/environments.hpp"

#include <algorithm>
#include <utility>

namespace varia {

namespace {

constexpr size_t name_max = 255;

bool is_environment_name(const std::string& x) {
  return !x.empty() && x != account_name && std::all_of(x.begin(), x.end(), [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_' || c == '-';
  });
}

http_response refuse_scopes(const std::string& which) {
  return refuse_issues("invalid_body",
                       {{"invalid_value", "There is no scope \"" + which + "\"", {"scopes"}}});
}

expected<void> delete_connections(api_call& x, const std::string& environment) {
  auto all = connections{x.db}.list(environment);
  if (!all)
    return std::move(all.error());
  for (auto& each : *all)
    if (auto done = remove_connection(x.db, x.api, each.number);
        !done && code_of(done.error()) != errc::not_found)
      return done;
  return caf::unit;
}

expected<void> delete_keys(api_call& x, const std::string& environment) {
  auto all = api_keys{x.db}.list(environment);
  if (!all)
    return std::move(all.error());
  for (auto& each : *all)
    if (auto done = revoke_key(x, environment, each.id);
        !done && code_of(done.error()) != errc::not_found)
      return done;
  return caf::unit;
}

} // namespace

json key_text(const api_key& x) {
  return {{"uuid", x.id},
          {"display_name", x.name},
          {"scopes", x.scopes},
          {"last_used_at", x.last_used_at > 0 ? json(to_iso_z(x.last_used_at)) : json(nullptr)},
          {"created_at", x.created_at > 0 ? json(to_iso_z(x.created_at)) : json(nullptr)}};
}

expected<http_response> make_key(api_call& x, key_wish wish,
                                 http_response (*show)(const made_key&)) {
  // The scopes are those of the routes, which this is one of.
  static const auto known = all_scopes(all_routes(api_context{}));
  if (wish.scopes.empty())
    wish.scopes.emplace_back(wish.environment == account_name ? "account:*" : "environment:*");
  if (auto which = unknown_scope(known, wish.scopes); !which.empty())
    return refuse_scopes(which);
  // In a rehearsal nobody asks.
  if (x.notes == nullptr)
    if (auto which = ungrantable_scope(*x.request.from, wish.scopes); !which.empty())
      return refuse(403, "forbidden", "Insufficient scope. Required: " + which);
  api_key wanted;
  wanted.environment = std::move(wish.environment);
  wanted.name = std::move(wish.name);
  wanted.scopes = std::move(wish.scopes);
  auto made = api_keys{x.db}.make(std::move(wanted));
  if (!made && code_of(made.error()) == errc::exists)
    return refuse(409, "conflict", "There is a key of this name");
  if (!made)
    return std::move(made.error());
  return show(*made);
}

expected<void> revoke_key(api_call& x, const std::string& environment, const std::string& id) {
  auto done = api_keys{x.db}.revoke(environment, id);
  if (x.api.keys)
    x.api.keys->forget();
  return done;
}

schema environment_name() {
  return text({matches(is_environment_name, "^[a-z0-9_-]+$"), at_most(name_max)}).shown_as("prod");
}

expected<std::string> make_environment(api_call& x, const std::string& name) {
  return environments{x.db}.add(name);
}

expected<void> delete_environment(api_call& x, const std::string& name) {
  if (name == x.request.from->environment)
    return fail(errc::conflict, "An environment is not deleted with a key of its own");
  for (auto step : {delete_keys, delete_connections})
    if (auto done = step(x, name); !done)
      return done;
  auto done = environments{x.db}.remove(name);
  if (auto forgotten = audit_log{x.db}.forget(name); done && !forgotten)
    return forgotten;
  return done;
}

expected<std::map<std::string, std::string>> list_environments(api_call& x) {
  environments all{x.db};
  auto used = api_keys{x.db}.list_all();
  if (!used)
    return std::move(used.error());
  // An environment that a key opens exists, even if nobody has asked for its uuid yet.
  for (auto& each : *used)
    if (each.environment != account_name)
      if (auto id = all.id_of(each.environment); !id)
        return std::move(id.error());
  return all.list();
}

} // namespace varia
