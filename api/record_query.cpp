#include "api/record_query.hpp"

#include "core/text.hpp"
#include "core/time.hpp"

#include <algorithm>
#include <chrono>
#include <cmath>
#include <cstdlib>

namespace varia {

namespace {

constexpr double limit_most = 10'000;
constexpr size_t limit_default = 100;
constexpr size_t cursor_max = 1000;
constexpr size_t ids_max = 100;
constexpr size_t id_max = 256;
constexpr milliseconds look_back_max{std::chrono::hours{24 * 365}};

bool is_recent(const std::string& text) {
  auto at = parse_iso_z(text);
  return at >= 0 && at >= now_ms() - look_back_max.count();
}

schema moment() {
  return text({is_moment(), holds(is_recent, "must be within the last 12 months")});
}

schema variant_or_every() {
  return [name = sync_name()](const json* value, const json_path& path, issues& found) {
    if (value == nullptr || *value != every_variant)
      name(value, path, found);
  };
}

schema actions() {
  return comma_list_of(one_of({"added", "updated", "deleted", "ADDED", "UPDATED", "DELETED"}));
}

} // namespace

schema cursor_text() {
  return text({at_least(1), at_most(cursor_max)});
}

schema known_cursor() {
  return text(
    {holds([](auto& x) { return static_cast<bool>(parse_cursor(x)); }, "Invalid cursor")});
}

schema page_rules() {
  auto id = text({at_least(1), at_most(id_max)});
  return object({{"model", model_name()},
                 {"variant", optional(variant_or_every())},
                 {"sync", optional(sync_name())},
                 {"modified_after", optional(moment())},
                 {"delta", optional(moment())},
                 {"limit", optional(number_text(1, limit_most))},
                 {"filter", optional(actions())},
                 {"cursor", optional(cursor_text())},
                 {"ids", optional(either({id, list_of(id, ids_max)}))}});
}

schema stream_rules() {
  return object({{"model", model_name()},
                 {"variant", optional(variant_or_every())},
                 {"sync", optional(sync_name())},
                 {"modified_after", optional(moment())},
                 {"filter", optional(actions())},
                 {"cursor", optional(known_cursor())}});
}

std::optional<http_response> refuse_record_headers(const api_call& x) {
  static const fields headers
    = {{"connection-id", connection_id()}, {"provider-config-key", provider_config_key()}};
  return x.refuse_headers(headers);
}

record_address record_address_of(const api_call& x, const json& names) {
  record_address result;
  result.environment = x.environment();
  result.provider_config_key = x.header("provider-config-key");
  result.connection_id = x.header("connection-id");
  result.sync = text_at(names, "sync");
  result.variant = text_at(names, "variant", base_variant);
  result.model = text_at(names, "model");
  return result;
}

record_query record_query_of(const json& query) {
  record_query result;
  result.model = text_at(query, "model");
  result.cursor = text_at(query, "cursor");
  if (auto since = text_at(query, "delta", text_at(query, "modified_after")); !since.empty())
    result.modified_after = parse_iso_z(since);
  result.limit = limit_default;
  if (auto limit = text_at(query, "limit"); !limit.empty())
    result.limit = static_cast<size_t>(std::lround(std::strtod(limit.c_str(), nullptr)));
  if (query.contains("filter")) {
    auto wanted = split(to_lower(text_at(query, "filter")), ',');
    auto has = [&](const char* word) {
      return std::find(wanted.begin(), wanted.end(), word) != wanted.end();
    };
    result.added = has("added");
    result.updated = has("updated");
    result.deleted = has("deleted");
  }
  if (auto ids = member(query, "ids"))
    result.ids = ids->is_array() ? ids->get<std::vector<std::string>>()
                                 : std::vector{ids->get<std::string>()};
  return result;
}

http_response refuse_unknown_connection() {
  return refuse(400, "unknown_connection",
                "Provided ConnectionId and ProviderConfigKey does not match a valid connection");
}

} // namespace varia
