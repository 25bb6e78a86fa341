#include "upstream/token_grant.hpp"

#include "core/text.hpp"
#include "upstream/templates.hpp"
#include "upstream/url.hpp"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <utility>

namespace varia {

namespace {

using json = nlohmann::ordered_json;

constexpr milliseconds exchange_max{20000};
constexpr double seconds_max = 1e9;
constexpr size_t error_code_max = 60;

struct client {
  std::string id;
  std::string secret;
};

json parse_object(const std::string& text) {
  auto value = json::parse(text, nullptr, false);
  return value.is_object() ? value : json::object();
}

std::string text_in(const json& object, const char* field) {
  auto found = object.find(field);
  return found != object.end() && found->is_string() ? found->get<std::string>() : std::string{};
}

bool is_client_kind(const json& credentials) {
  return text_in(credentials, "type") == "OAUTH2_CC";
}

// Whatever a connection brings itself wins over its integration's.
client client_of(const token_rules& rules, const json& credentials) {
  client result{rules.client_id, rules.client_secret};
  auto own = credentials.find("config_override");
  for (const auto* from : {&credentials, own != credentials.end() ? &*own : nullptr}) {
    if (from == nullptr || !from->is_object())
      continue;
    if (auto id = text_in(*from, "client_id"); !id.empty())
      result.id = id;
    if (auto secret = text_in(*from, "client_secret"); !secret.empty())
      result.secret = secret;
  }
  return result;
}

std::string scopes_of(const token_rules& rules, const connection& link) {
  auto config = parse_object(link.connection_config);
  auto own = config.find("oauth_scopes_override");
  if (own == config.end() || !own->is_array() || own->empty())
    return rules.scopes;
  std::string result;
  for (const auto& scope : *own)
    if (scope.is_string())
      result += (result.empty() ? "" : " ") + scope.get<std::string>();
  return result;
}

std::string form_of(const header_list& fields) {
  std::string result;
  for (const auto& [name, value] : fields)
    result += (result.empty() ? "" : "&") + encoded(name) + "=" + encoded(value);
  return result;
}

std::optional<time_ms> end_of(const json& answer, time_ms now) {
  auto found = answer.find("expires_in");
  if (found == answer.end())
    return std::nullopt;
  double seconds = 0;
  if (found->is_number())
    seconds = found->get<double>();
  else if (found->is_string())
    seconds = static_cast<double>(
                parse_after(found->get<std::string>(), now).value_or(milliseconds{0}).count())
              / 1000;
  if (seconds <= 0 || seconds > seconds_max)
    return std::nullopt;
  return now + static_cast<time_ms>(seconds * 1000);
}

// An error code of OAuth 2, such as invalid_grant: a word, never a sentence that could tell more.
std::string error_code_in(const json& answer) {
  auto code = text_in(answer, "error");
  auto is_word = [](char c) { return c == '_' || c == '-' || c == '.' || (c >= 'a' && c <= 'z'); };
  return code.size() <= error_code_max && std::all_of(code.begin(), code.end(), is_word)
           ? code
           : std::string{};
}

} // namespace

token_state read_token(const token_rules& rules, const connection& link) {
  auto credentials = parse_object(link.credentials);
  auto type = text_in(credentials, "type");
  token_state result;
  if (type == "OAUTH2") {
    result.is_renewable = !rules.url.empty() && !text_in(credentials, "refresh_token").empty();
    result.is_missing = text_in(credentials, "access_token").empty();
  } else if (type == "OAUTH2_CC") {
    result.is_renewable = !rules.url.empty();
    result.is_missing = text_in(credentials, "token").empty();
  }
  auto end = credentials.find("expires_at");
  if (end != credentials.end() && (end->is_string() || end->is_number()))
    result.expires_at = parse_moment(end->is_string() ? end->get<std::string>() : end->dump());
  return result;
}

expected<upstream_request> make_token_request(const token_rules& rules, const connection& link) {
  auto url = fill_url_template(rules.url, link);
  if (!url)
    return std::move(url.error());
  auto credentials = parse_object(link.credentials);
  auto who = client_of(rules, credentials);
  if (who.id.empty())
    return fail(errc::invalid, "the integration has no OAuth client to renew tokens with");
  header_list fields;
  if (is_client_kind(credentials)) {
    fields = {{"grant_type", "client_credentials"}};
    if (auto scopes = scopes_of(rules, link); !scopes.empty())
      fields.emplace_back("scope", scopes);
  } else {
    fields
      = {{"grant_type", "refresh_token"}, {"refresh_token", text_in(credentials, "refresh_token")}};
  }
  upstream_request result;
  result.method = "POST";
  result.url = std::move(*url);
  result.timeout = exchange_max;
  result.headers
    = {{"Content-Type", "application/x-www-form-urlencoded"}, {"Accept", "application/json"}};
  if (rules.uses_basic) {
    // RFC 6749 2.3.1 has both encoded before they are joined.
    result.auth.headers
      = {{"Authorization", "Basic " + base64(encoded(who.id) + ":" + encoded(who.secret))}};
  } else {
    fields.emplace_back("client_id", who.id);
    if (!who.secret.empty())
      fields.emplace_back("client_secret", who.secret);
  }
  fields.insert(fields.end(), rules.params.begin(), rules.params.end());
  result.body = form_of(fields);
  return result;
}

expected<std::string> renewed_credentials(const std::string& credentials,
                                          const upstream_result& answer, time_ms now) {
  auto given = parse_object(answer.body);
  auto token = text_in(given, "access_token");
  if (answer.status < 200 || answer.status > 299 || token.empty()) {
    auto code = error_code_in(given);
    return fail(errc::invalid, "the provider gave no new token: status "
                                 + std::to_string(answer.status)
                                 + (code.empty() ? "" : ", " + code));
  }
  auto result = parse_object(credentials);
  result[is_client_kind(result) ? "token" : "access_token"] = token;
  if (auto next = text_in(given, "refresh_token"); !next.empty() && !is_client_kind(result))
    result["refresh_token"] = next;
  if (auto end = end_of(given, now))
    result["expires_at"] = to_iso_z(*end);
  else
    result.erase("expires_at");
  result["raw"] = std::move(given);
  return result.dump(-1, ' ', false, json::error_handler_t::replace);
}

} // namespace varia
