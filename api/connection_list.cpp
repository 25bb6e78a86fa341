#include "api/connection_list.hpp"

#include "api/connection_text.hpp"
#include "core/text.hpp"
#include "store/connections.hpp"

#include <algorithm>
#include <cmath>
#include <cstdlib>

namespace varia {

namespace {

constexpr auto list_credentials_scope = "environment:connections:list_credentials";
constexpr double page_size_max = 2000;
constexpr double page_size_default = 10'000;
constexpr double page_max = 1'000'000;

schema list_rules() {
  return object({{"connectionId", optional(connection_id())},
                 {"search", optional(text({at_most(255)}))},
                 {"endUserId", optional(text({at_most(255)}))},
                 {"endUserOrganizationId", optional(text({at_most(255)}))},
                 {"integrationId", optional(comma_list_of(provider_config_key()))},
                 {"tags", optional(record_of(text()))},
                 {"limit", optional(number_text(1, page_size_max))},
                 {"page", optional(number_text(0, page_max))}});
}

bool contains(const std::string& text, const std::string& part) {
  return to_lower(text).find(to_lower(part)) != std::string::npos;
}

bool has_tags(const connection& x, const json& wanted) {
  auto tags = stored_json(x.tags, json::object());
  for (auto& [key, value] : wanted.items())
    if (text_at(tags, to_lower(key)) != value.get<std::string>())
      return false;
  return true;
}

bool is_wanted(const connection& x, const json& query) {
  auto user = stored_json(x.end_user, json::object());
  if (query.contains("connectionId") && x.connection_id != text_at(query, "connectionId"))
    return false;
  if (auto search = text_at(query, "search"); !contains(x.connection_id, search)
                                              && !contains(text_at(user, "email"), search)
                                              && !contains(text_at(user, "display_name"), search))
    return false;
  if (query.contains("endUserId") && text_at(user, "id") != text_at(query, "endUserId"))
    return false;
  if (query.contains("endUserOrganizationId"))
    return false;
  if (query.contains("integrationId")) {
    auto keys = split(text_at(query, "integrationId"), ',');
    if (std::find(keys.begin(), keys.end(), x.provider_config_key) == keys.end())
      return false;
  }
  return !query.contains("tags") || has_tags(x, query["tags"]);
}

size_t size_at(const json& query, const char* key, double otherwise) {
  auto text = text_at(query, key);
  return static_cast<size_t>(
    std::lround(text.empty() ? otherwise : std::strtod(text.c_str(), nullptr)));
}

constexpr auto list_example
  = R"({"connections":[{"id":14,"connection_id":"user-1","provider_config_key":"shop",)"
    R"("provider":"unauthenticated","errors":[],"end_user":null,"tags":{},"metadata":null,)"
    R"("created":"2026-11-22T16:40:59.838Z"}]})";

} // namespace

expected<http_response> list_connections(api_call& x) {
  static const auto query = list_rules();
  if (auto no = x.refuse_query(query))
    return std::move(*no);
  auto all = connections{x.db}.list(x.environment());
  if (!all)
    return std::move(all.error());
  auto limit = size_at(x.query, "limit", page_size_default);
  auto skip = limit * size_at(x.query, "page", 0);
  auto found = json::array();
  for (auto& each : *all) {
    if (found.size() == limit)
      break;
    if (!is_wanted(each, x.query))
      continue;
    if (skip > 0)
      --skip;
    else
      found.push_back(connection_summary(each));
  }
  return json_answer(200, {{"connections", std::move(found)}});
}

route_facts list_connections_facts() {
  return route_facts{"Lists connections, newest first"}
    .scope("environment:connections:list")
    .scope(list_credentials_scope)
    .answers(200, list_example);
}

} // namespace varia
