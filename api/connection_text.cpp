#include "api/connection_text.hpp"

#include "core/time.hpp"
#include "upstream/retry.hpp"

#include <map>

namespace varia {

namespace {

constexpr size_t key_max = 1024;
constexpr size_t token_max = size_t{16} * 1024;
constexpr size_t client_token_max = 4096;
constexpr size_t client_id_max = 255;
constexpr size_t client_secret_max = 2048;

// Types that no provider of ours takes are named here so that the refusal can say just that.
const std::vector<std::string> credential_types{"OAUTH2", "OAUTH2_CC", "OAUTH1", "API_KEY", "BASIC",
                                                "NONE",   "TBA",       "APP",    "CUSTOM"};

schema moment() {
  auto is_known = [](const std::string& x) { return parse_moment(x).has_value(); };
  return nullable(either({text({holds(is_known, "must be a date")}), whole_number(0, 1e15)},
                         "Invalid input: expected date"));
}

schema client_override() {
  return object({{"client_id", optional(text({at_most(client_id_max)}))},
                 {"client_secret", optional(text({at_most(client_secret_max)}))}});
}

const std::map<std::string, schema>& rules_by_type() {
  static const std::map<std::string, schema> all{
    {"NONE", object({{"type", any_value()}})},
    {"API_KEY", object({{"type", any_value()}, {"apiKey", text({at_least(1), at_most(key_max)})}})},
    {"BASIC", object({{"type", any_value()},
                      {"username", text({at_most(key_max)})},
                      {"password", text({at_most(key_max)})}})},
    {"OAUTH2", object({{"type", any_value()},
                       {"access_token", text({at_least(1), at_most(token_max)})},
                       {"refresh_token", optional(text({at_most(token_max)}))},
                       {"expires_at", optional(moment())},
                       {"config_override", optional(client_override())}})},
    // A token that is not there yet is asked for before the first request.
    {"OAUTH2_CC", object({{"type", any_value()},
                          {"token", optional(text({at_most(client_token_max)}))},
                          {"client_id", optional(text({at_most(client_id_max)}))},
                          {"client_secret", optional(text({at_most(client_secret_max)}))},
                          {"client_certificate", optional(text({at_most(token_max)}))},
                          {"client_private_key", optional(text({at_most(token_max)}))},
                          {"expires_at", optional(moment())}})},
  };
  return all;
}

} // namespace

schema credential_rules() {
  auto typed = object({{"type", one_of(credential_types)}}, other_keys::ignored);
  auto choices = json::array();
  for (auto& [type, rules] : rules_by_type()) {
    auto choice = rules.description();
    choice["properties"]["type"] = {{"const", type}};
    choices.push_back(std::move(choice));
  }
  auto by_type = [](const json* value, const json_path& path, issues& found) {
    auto rules = rules_by_type().find(value->at("type").get<std::string>());
    if (rules != rules_by_type().end())
      rules->second(value, path, found);
  };
  return {refined(typed, by_type), {{"anyOf", std::move(choices)}}, {{"type", "NONE"}}};
}

json stored_json(const std::string& text, const json& otherwise) {
  if (text.empty())
    return otherwise;
  auto value = json::parse(text, nullptr, false);
  return value.is_discarded() ? otherwise : value;
}

json connection_summary(const connection& x) {
  return {{"id", x.number},
          {"connection_id", x.connection_id},
          {"provider_config_key", x.provider_config_key},
          {"provider", x.provider},
          {"errors", json::array()},
          {"end_user", stored_json(x.end_user, nullptr)},
          {"tags", stored_json(x.tags, json::object())},
          {"metadata", stored_json(x.metadata, nullptr)},
          {"created", to_iso_z(x.created_at)}};
}

json connection_text(const connection& x, time_form form) {
  auto time = form == time_form::zulu ? to_iso_z : to_iso_offset;
  auto result = connection_summary(x);
  result.erase("created");
  result["connection_config"] = stored_json(x.connection_config, json::object());
  result["webhook_url_override"]
    = x.webhook_url_override.empty() ? json(nullptr) : json(x.webhook_url_override);
  result["created_at"] = time(x.created_at);
  result["updated_at"] = time(x.updated_at);
  result["last_fetched_at"]
    = form == time_form::zulu ? json(nullptr) : json(to_iso_offset(now_ms()));
  auto credentials = stored_json(x.credentials, json::object());
  if (auto type = text_at(credentials, "type"); type == "OAUTH2" && !credentials.contains("raw")) {
    auto raw = credentials;
    raw.erase("type");
    credentials["raw"] = std::move(raw);
  }
  result["credentials"]
    = credentials.value("type", "NONE") == "NONE" ? json::object() : credentials;
  return result;
}

} // namespace varia
