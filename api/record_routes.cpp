#include "api/record_routes.hpp"

#include "api/record_text.hpp"
#include "core/text.hpp"
#include "core/time.hpp"
#include "store/connections.hpp"
#include "store/functions.hpp"
#include "store/records.hpp"

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

std::optional<http_response> refuse_request(const api_call& x) {
  static const auto id = text({at_least(1), at_most(id_max)});
  static const auto query
    = object({{"model", model_name()},
              {"variant", optional(sync_name())},
              {"modified_after", optional(moment())},
              {"delta", optional(moment())},
              {"limit", optional(number_text(1, limit_most))},
              {"filter", optional(comma_list_of(one_of(
                           {"added", "updated", "deleted", "ADDED", "UPDATED", "DELETED"})))},
              {"cursor", optional(text({at_least(1), at_most(cursor_max)}))},
              {"ids", optional(either({id, list_of(id, ids_max)}))}});
  static const fields headers
    = {{"connection-id", connection_id()}, {"provider-config-key", provider_config_key()}};
  if (auto no = x.refuse_query(query))
    return no;
  return x.refuse_headers(headers);
}

record_query query_of(const json& query) {
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

// Finds the variant whose sync declares the model. Nothing if there is no such model or variant.
expected<std::optional<variant_ref>> find_variant(api_call& x, connection_number number,
                                                  const std::string& model,
                                                  const std::string& variant) {
  auto deployed = functions{x.db}.list(x.environment(), x.header("provider-config-key"));
  if (!deployed)
    return std::move(deployed.error());
  for (auto& candidate : *deployed) {
    auto& models = candidate.models;
    if (std::find(models.begin(), models.end(), model) == models.end())
      continue;
    auto entry = variants{x.db}.find({{number, candidate.name}, variant});
    if (!entry)
      return std::move(entry.error());
    if (*entry)
      return std::optional{ref_of(**entry)};
  }
  return std::optional<variant_ref>{};
}

expected<http_response> list_records(api_call& x) {
  if (auto no = refuse_request(x))
    return std::move(*no);
  auto number = connections{x.db}.number_of(x.environment(), x.header("provider-config-key"),
                                            x.header("connection-id"));
  if (!number)
    return std::move(number.error());
  if (*number == 0)
    return refuse(400, "unknown_connection",
                  "Provided ConnectionId and ProviderConfigKey does not match a valid connection");
  auto query = query_of(x.query);
  auto variant = find_variant(x, *number, query.model, text_at(x.query, "variant", base_variant));
  if (!variant)
    return std::move(variant.error());
  http_response result;
  if (!*variant) {
    result.body = page_text({});
    return result;
  }
  auto page = records{x.db}.page(**variant, query);
  if (!page && code_of(page.error()) == errc::invalid)
    return refuse(500, "server_error", "Failed to fetch records");
  if (!page)
    return std::move(page.error());
  result.body = page_text(*page);
  return result;
}

} // namespace

std::vector<route> record_routes(const api_context& api) {
  return {make_route(api, "GET", "/records", list_records)};
}

} // namespace varia
