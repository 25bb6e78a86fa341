#include "api/routes/variant_list_routes.hpp"

#include "api/sync_status.hpp"
#include "api/syncs.hpp"
#include "api/variant_wishes.hpp"
#include "store/connections.hpp"
#include "store/variant_limits.hpp"
#include "store/variant_orders.hpp"

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <utility>

namespace varia {

namespace {

constexpr double page_max = 1000;
constexpr size_t page_default = 100;
constexpr double limit_max = 10'000;

// The variants of a sync in the order of the list: base, then by name.
bool is_after(const std::string& name, const std::string& last) {
  if (last.empty() || name == base_variant)
    return last.empty();
  return last == base_variant || name > last;
}

json entry_text(const variant_entry& entry, const function& deployed, const char* state) {
  return {{"id", entry.id},
          {"name", entry.key.sync.name},
          {"variant", entry.key.name},
          {"state", state},
          {"frequency", frequency_of(entry, &deployed)},
          {"frequency_override", entry.frequency.empty() ? json(nullptr) : json(entry.frequency)},
          {"settings", settings_json(entry)},
          {"discovered", entry.discovered},
          {"created_at", to_iso_z(entry.created_at)}};
}

struct list_query {
  std::string prefix;
  std::string state;
  std::string after;
  size_t limit = page_default;
};

list_query read_query(const json& query) {
  list_query result{text_at(query, "prefix"), text_at(query, "state"), text_at(query, "after")};
  if (auto text = text_at(query, "limit"); !text.empty())
    result.limit = static_cast<size_t>(std::lround(std::strtod(text.c_str(), nullptr)));
  return result;
}

bool is_asked_for(const variant_entry& x, const list_query& query) {
  auto state = x.paused ? "paused" : "started";
  return x.key.name.rfind(query.prefix, 0) == 0 && (query.state.empty() || query.state == state)
         && is_after(x.key.name, query.after);
}

// A page of what is there, with what the runs of each came to.
expected<json> page_of(redis& db, const std::vector<variant_entry>& shown,
                       const function& deployed) {
  std::vector<variant_ref> refs;
  for (auto& entry : shown)
    refs.push_back(ref_of(entry));
  auto result = json::array();
  if (refs.empty())
    return result;
  auto states = runs{db}.states(refs);
  if (!states)
    return std::move(states.error());
  for (size_t i = 0; i < shown.size(); ++i) {
    auto text = entry_text(shown[i], deployed, shown[i].paused ? "paused" : "started");
    text["status"] = status_of(shown[i], (*states)[i]);
    result.push_back(std::move(text));
  }
  return result;
}

expected<json> deleted_page(redis& db, const sync_place& place, const list_query& query) {
  auto olds = variant_orders{db}.deleted(place.sync);
  if (!olds)
    return std::move(olds.error());
  auto result = json::array();
  for (auto& old : *olds) {
    if (old.entry.key.name.rfind(query.prefix, 0) != 0 || result.size() >= query.limit)
      continue;
    auto text = entry_text(old.entry, place.deployed, "deleted");
    text["deleted_at"] = to_iso_z(old.deleted_at);
    text["kept_until"] = to_iso_z(old.kept_until);
    result.push_back(std::move(text));
  }
  return result;
}

expected<http_response> show(api_call& x, const sync_place& place) {
  auto query = read_query(x.query);
  auto all = variants{x.db}.list(place.sync);
  if (!all)
    return std::move(all.error());
  auto limit = variant_limits{x.db}.view({x.environment(), place.sync.connection, place.sync.name},
                                         x.api.variants.named_max);
  if (!limit)
    return std::move(limit.error());
  auto named = static_cast<size_t>(std::count_if(
    all->begin(), all->end(), [](auto& entry) { return entry.key.name != base_variant; }));
  std::vector<variant_entry> shown;
  auto has_more = false;
  for (auto& entry : *all) {
    if (query.state == "deleted" || !is_asked_for(entry, query))
      continue;
    has_more = shown.size() == query.limit;
    if (has_more)
      break;
    shown.push_back(std::move(entry));
  }
  auto page = query.state == "deleted" ? deleted_page(x.db, place, query)
                                       : page_of(x.db, shown, place.deployed);
  if (!page)
    return std::move(page.error());
  return json_answer(200, {{"variants", std::move(*page)},
                           {"next_cursor", has_more ? json(shown.back().key.name) : json(nullptr)},
                           {"limit", limit_text(limit->effective, named)}});
}

expected<http_response> list(api_call& x) {
  static const auto query = object({{"provider_config_key", provider_config_key()},
                                    {"connection_id", connection_id()},
                                    {"state", optional(one_of({"started", "paused", "deleted"}))},
                                    {"prefix", optional(sync_name())},
                                    {"after", optional(sync_name())},
                                    {"limit", optional(number_text(1, page_max))}});
  static const auto params = object({{"name", sync_name()}});
  if (auto no = x.refuse_query(query))
    return std::move(*no);
  if (auto no = x.refuse_params(params))
    return std::move(*no);
  auto found = find_sync(x, x.query, x.param("name"));
  if (!found)
    return std::move(found.error());
  if (auto no = std::get_if<http_response>(&*found))
    return std::move(*no);
  return show(x, std::get<sync_place>(*found));
}

expected<http_response> change_settings(api_call& x) {
  static const auto query = nothing();
  static const auto body = object({{"provider_config_key", provider_config_key()},
                                   {"connection_id", connection_id()},
                                   {"name", sync_name()},
                                   {"variant", optional(sync_name())},
                                   {"settings", variant_settings()},
                                   {"reset_on_change", optional(boolean())}});
  if (auto no = x.refuse_query(query))
    return std::move(*no);
  if (auto no = x.refuse_body(body))
    return std::move(*no);
  auto found = find_sync(x, *x.body, text_at(*x.body, "name"));
  if (!found)
    return std::move(found.error());
  if (auto no = std::get_if<http_response>(&*found))
    return std::move(*no);
  auto& place = std::get<sync_place>(*found);
  auto batch = batch_for(place);
  batch.orders = {read_wish(order_verb::change, text_at(*x.body, "variant", base_variant), *x.body,
                            place.deployed)};
  auto done = x.api.cluster->change(batch);
  if (!done)
    return std::move(done.error());
  auto& result = done->results.front();
  if (is_refusal(result.outcome))
    return refuse_order(result.outcome, done->limit);
  return json_answer(
    200, {{"outcome", to_string(result.outcome)}, {"settings", settings_json(result.entry)}});
}

// Whose limit the members of a query or body name, or why that cannot be said.
expected<std::variant<limit_scope, http_response>> scope_of(api_call& x, const json& from) {
  using result = std::variant<limit_scope, http_response>;
  limit_scope scope{x.environment(), 0, text_at(from, "name")};
  auto key = text_at(from, "provider_config_key");
  auto id = text_at(from, "connection_id");
  if (key.empty() && id.empty() && scope.sync.empty())
    return result{std::move(scope)};
  if (key.empty() || id.empty())
    return result{refuse(400, "invalid_body",
                         "A limit is that of the environment (no ids), of a connection "
                         "(provider_config_key and connection_id), or of a sync (name, too)")};
  auto number = connections{x.db}.number_of(x.environment(), key, id);
  if (!number)
    return std::move(number.error());
  if (*number == 0)
    return result{refuse(404, "unknown_connection")};
  scope.connection = *number;
  return result{std::move(scope)};
}

json number_or_null(const std::optional<uint32_t>& x) {
  return x ? json(*x) : json(nullptr);
}

expected<http_response> show_limit(api_call& x, const limit_scope& scope) {
  auto view = variant_limits{x.db}.view(scope, x.api.variants.named_max);
  if (!view)
    return std::move(view.error());
  auto answer = json{{"effective", view->effective},
                     {"default", x.api.variants.named_max},
                     {"environment", number_or_null(view->of_environment)},
                     {"connection", number_or_null(view->of_connection)},
                     {"sync", number_or_null(view->of_sync)}};
  if (!scope.sync.empty()) {
    auto all = variants{x.db}.list({scope.connection, scope.sync});
    if (!all)
      return std::move(all.error());
    answer["used"]
      = std::count_if(all->begin(), all->end(), [](auto& e) { return e.key.name != base_variant; });
  }
  return json_answer(200, answer);
}

fields scope_fields() {
  return {{"provider_config_key", optional(provider_config_key())},
          {"connection_id", optional(connection_id())},
          {"name", optional(sync_name())}};
}

expected<http_response> read_limit(api_call& x) {
  static const auto query = object(scope_fields());
  if (auto no = x.refuse_query(query))
    return std::move(*no);
  auto scope = scope_of(x, x.query);
  if (!scope)
    return std::move(scope.error());
  if (auto no = std::get_if<http_response>(&*scope))
    return std::move(*no);
  return show_limit(x, std::get<limit_scope>(*scope));
}

expected<http_response> set_limit(api_call& x, const schema& body, bool removes) {
  static const auto query = nothing();
  if (auto no = x.refuse_query(query))
    return std::move(*no);
  if (auto no = x.refuse_body(body))
    return std::move(*no);
  auto scope = scope_of(x, *x.body);
  if (!scope)
    return std::move(scope.error());
  if (auto no = std::get_if<http_response>(&*scope))
    return std::move(*no);
  limit_change what{std::get<limit_scope>(*scope), removes, 0};
  if (!removes)
    what.named_max = x.body->at("max").get<uint32_t>();
  auto done = x.api.cluster->set_limit(what);
  if (!done && code_of(done.error()) == errc::conflict)
    return refuse(400, "limit_below_use", detail_of(done.error()));
  if (!done)
    return std::move(done.error());
  return show_limit(x, what.scope);
}

expected<http_response> put_limit(api_call& x) {
  static const auto body = [] {
    auto all = scope_fields();
    all.emplace_back("max", whole_number(0, limit_max));
    return object(std::move(all));
  }();
  return set_limit(x, body, false);
}

expected<http_response> delete_limit(api_call& x) {
  static const auto body = object(scope_fields());
  return set_limit(x, body, true);
}

constexpr auto list_example
  = R"({"variants":[{"id":"cd698d3a-f399-46e3-b424-3007eff03e6b","name":"orders","variant":"eu",)"
    R"("state":"started","frequency":"every hour","frequency_override":null,"settings":null,)"
    R"("discovered":false,"created_at":"2026-01-01T00:00:00.000Z","status?":"SUCCESS",)"
    R"("deleted_at?":"2026-01-01T00:00:00.000Z","kept_until?":"2026-01-02T00:00:00.000Z"}],)"
    R"("next_cursor":null,"limit":{"max":100,"used":1}})";

constexpr auto limit_example
  = R"({"effective":100,"default":100,"environment":null,"connection":null,"sync":null,)"
    R"("used?":1})";

} // namespace

std::vector<route> variant_list_routes(const api_context& api) {
  return {
    make_route(api, "GET", "/sync/:name/variants", list,
               route_facts{"Lists the variants of a sync"}
                 .scope("environment:syncs:read")
                 .answers(200, list_example)
                 .fails(400, "unknown_connection")
                 .fails(400, "unknown_sync")),
    make_route(api, "PATCH", "/varia/variants/settings", change_settings,
               route_facts{"Changes the settings of a variant"}
                 .scope("environment:syncs:update")
                 .audited("variant.settings_changed")
                 .answers(200, R"({"outcome":"changed","settings":null})")
                 .fails(400, "unknown_connection")
                 .fails(400, "unknown_sync")
                 .fails(404, "not_found")),
    make_route(api, "GET", "/varia/limits", read_limit,
               route_facts{"Tells how many named variants there may be"}
                 .scope("environment:syncs:read")
                 .answers(200, limit_example)
                 .fails(404, "unknown_connection")),
    make_route(api, "PUT", "/varia/limits", put_limit,
               route_facts{"Says how many named variants there may be"}
                 .scope("environment:syncs:update")
                 .audited("limit.set")
                 .answers(200, limit_example)
                 .fails(400, "limit_below_use")
                 .fails(404, "unknown_connection")),
    make_route(api, "DELETE", "/varia/limits", delete_limit,
               route_facts{"Removes a limit of named variants"}
                 .scope("environment:syncs:update")
                 .audited("limit.removed")
                 .answers(200, limit_example)
                 .fails(400, "limit_below_use")
                 .fails(404, "unknown_connection")),
  };
}

} // namespace varia
