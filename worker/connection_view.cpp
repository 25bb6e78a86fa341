#include "worker/connection_view.hpp"

#include <nlohmann/json.hpp>

namespace varia {

namespace {

using json = nlohmann::ordered_json;

json parse_or(const std::string& text, json otherwise) {
  auto value = json::parse(text, nullptr, false);
  return value.is_discarded() ? otherwise : value;
}

// Scripts find an access token both beside the type and in the answer the provider once gave.
json view_credentials(const std::string& text) {
  auto credentials = parse_or(text, json::object());
  auto type = credentials.value("type", std::string{});
  if (type.empty() || type == "NONE")
    return json::object();
  if (type == "OAUTH2" && !credentials.contains("raw")) {
    auto raw = credentials;
    raw.erase("type");
    credentials["raw"] = std::move(raw);
  }
  return credentials;
}

} // namespace

std::string connection_view(const connection& x, time_ms now) {
  json result;
  result["id"] = x.number;
  result["connection_id"] = x.connection_id;
  result["provider_config_key"] = x.provider_config_key;
  result["provider"] = x.provider;
  result["errors"] = json::array();
  result["end_user"] = parse_or(x.end_user, nullptr);
  result["tags"] = parse_or(x.tags, json::object());
  result["metadata"] = parse_or(x.metadata, nullptr);
  result["connection_config"] = parse_or(x.connection_config, json::object());
  result["webhook_url_override"]
    = x.webhook_url_override.empty() ? json{} : json(x.webhook_url_override);
  result["created_at"] = to_iso_offset(x.created_at);
  result["updated_at"] = to_iso_offset(x.updated_at);
  result["last_fetched_at"] = to_iso_offset(now);
  result["credentials"] = view_credentials(x.credentials);
  return result.dump(-1, ' ', false, json::error_handler_t::replace);
}

} // namespace varia
