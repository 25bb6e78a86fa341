#include "upstream/auth.hpp"

#include "core/text.hpp"
#include "upstream/redaction.hpp"
#include "upstream/templates.hpp"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <array>
#include <cctype>
#include <charconv>
#include <optional>
#include <utility>

namespace varia {

namespace {

using nlohmann::json;

constexpr std::array<std::pair<const char*, auth_scheme>, 4> schemes{
  {{"none", auth_scheme::none},
   {"api_key", auth_scheme::api_key},
   {"basic", auth_scheme::basic},
   {"bearer", auth_scheme::bearer}}};

constexpr std::array<std::pair<const char*, auth_scheme>, 6> providers{
  {{"unauthenticated", auth_scheme::none},
   {"api-key", auth_scheme::api_key},
   {"basic", auth_scheme::basic},
   {"bearer", auth_scheme::bearer},
   {"oauth2", auth_scheme::bearer},
   {"oauth2-cc", auth_scheme::bearer}}};

template <class Table>
std::optional<auth_scheme> find_scheme(const Table& table, const std::string& name) {
  for (const auto& [key, scheme] : table)
    if (name == key)
      return scheme;
  return std::nullopt;
}

caf::error wrong(const std::string& field) {
  return fail(errc::invalid, "the integration's setting " + field + " is wrong");
}

// Each reader leaves its target alone if the field is missing, and returns false if it is wrong.
bool read_text(const json& object, const char* field, std::string& target) {
  auto found = object.find(field);
  if (found == object.end() || found->is_null())
    return true;
  if (!found->is_string())
    return false;
  target = found->get<std::string>();
  return true;
}

bool read_texts(const json& object, const char* field, std::vector<std::string>& target) {
  auto found = object.find(field);
  if (found == object.end() || found->is_null())
    return true;
  auto take = [&target](const json& value) {
    if (value.is_string())
      target.push_back(value.get<std::string>());
    else if (value.is_number_integer())
      target.push_back(std::to_string(value.get<int64_t>()));
    else
      return false;
    return true;
  };
  return found->is_array() ? std::all_of(found->begin(), found->end(), take) : take(*found);
}

bool read_headers(const json& object, header_list& target) {
  auto found = object.find("headers");
  if (found == object.end() || found->is_null())
    return true;
  if (!found->is_object())
    return false;
  for (const auto& [name, value] : found->items()) {
    if (!value.is_string() || !is_sendable_header(name, value.get<std::string>()))
      return false;
    target.emplace_back(name, value.get<std::string>());
  }
  return true;
}

std::optional<milliseconds> parse_span(const std::string& text) {
  int64_t count = 0;
  auto [end, failure] = std::from_chars(text.data(), text.data() + text.size(), count);
  if (failure != std::errc{} || count <= 0 || count > 1000000)
    return std::nullopt;
  std::string_view unit{end, static_cast<size_t>(text.data() + text.size() - end)};
  if (unit == "ms")
    return milliseconds{count};
  if (unit == "s")
    return std::chrono::seconds{count};
  if (unit == "m")
    return std::chrono::minutes{count};
  if (unit == "h")
    return std::chrono::hours{count};
  return std::nullopt;
}

bool read_rate(const json& object, rate_limit& target) {
  auto found = object.find("rate");
  if (found == object.end() || found->is_null())
    return true;
  if (!found->is_object() || !found->contains("requests"))
    return false;
  const auto& requests = (*found)["requests"];
  if (!requests.is_number_unsigned() || requests == 0U || requests > 1000000U)
    return false;
  std::string per = "1s";
  if (!read_text(*found, "per", per))
    return false;
  auto span = parse_span(per);
  if (!span)
    return false;
  target = {requests.get<uint32_t>(), *span};
  return true;
}

bool read_retry(const json& object, provider_rules& rules) {
  auto found = object.find("retry");
  if (found == object.end() || found->is_null())
    return true;
  return found->is_object() && read_texts(*found, "at", rules.retry.at)
         && read_texts(*found, "after", rules.retry.after)
         && read_texts(*found, "codes", rules.retry_statuses)
         && read_texts(*found, "remaining", rules.remaining);
}

bool read_scopes(const json& object, std::string& target) {
  std::vector<std::string> all;
  if (!read_texts(object, "scopes", all))
    return false;
  if (!all.empty())
    target.clear();
  // People separate them by commas as often as by blanks.
  for (auto& each : all) {
    std::replace(each.begin(), each.end(), ',', ' ');
    for (const auto& scope : split(each, ' '))
      if (!scope.empty())
        target += (target.empty() ? "" : " ") + scope;
  }
  return true;
}

bool read_token_params(const json& object, header_list& target) {
  auto found = object.find("token_params");
  if (found == object.end() || found->is_null())
    return true;
  if (!found->is_object())
    return false;
  for (const auto& [name, value] : found->items()) {
    if (!value.is_string())
      return false;
    target.emplace_back(name, value.get<std::string>());
  }
  return true;
}

// The name of the field that is wrong, or nullptr.
const char* read_tokens(const json& object, token_rules& target) {
  std::string way = "body";
  if (!read_text(object, "token_url", target.url))
    return "token_url";
  if (!read_text(object, "token_auth", way) || (way != "body" && way != "basic"))
    return "token_auth";
  target.uses_basic = way == "basic";
  if (!read_token_params(object, target.params))
    return "token_params";
  return read_scopes(object, target.scopes) ? nullptr : "scopes";
}

// What the fields mean is the business of the script's side.
bool read_paginate(const json& object, std::string& target) {
  auto found = object.find("paginate");
  if (found == object.end() || found->is_null())
    return true;
  auto is_plain = [](const json& value) { return !value.is_structured() && !value.is_null(); };
  if (!found->is_object() || !std::all_of(found->begin(), found->end(), is_plain))
    return false;
  target = found->dump(-1, ' ', false, json::error_handler_t::replace);
  return true;
}

std::string text_in(const json& object, const char* field) {
  std::string result;
  read_text(object, field, result);
  return result;
}

// The one secret of a credential, whatever its kind calls it.
std::string key_in(const json& credentials) {
  for (const auto* field : {"apiKey", "access_token", "token"})
    if (auto key = text_in(credentials, field); !key.empty())
      return key;
  return {};
}

auth_scheme scheme_for(const std::string& type) {
  if (type == "API_KEY")
    return auth_scheme::api_key;
  if (type == "BASIC")
    return auth_scheme::basic;
  return type == "OAUTH2" || type == "OAUTH2_CC" ? auth_scheme::bearer : auth_scheme::none;
}

std::string prefixed(const std::string& prefix, const std::string& key) {
  if (prefix.empty())
    return key;
  auto wants_blank = std::isalnum(static_cast<unsigned char>(prefix.back())) != 0;
  return prefix + (wants_blank ? " " : "") + key;
}

std::string or_else(const std::string& value, const char* otherwise) {
  return value.empty() ? otherwise : value;
}

// A name and a password, or an API key in the place of the name as many providers have it.
std::optional<std::string> basic_pair(const json& credentials) {
  if (credentials.contains("username"))
    return text_in(credentials, "username") + ":" + text_in(credentials, "password");
  auto key = key_in(credentials);
  return key.empty() ? std::nullopt : std::optional{key + ":"};
}

} // namespace

expected<provider_rules> read_provider_rules(const std::string& provider,
                                             const std::string& settings) {
  provider_rules rules;
  rules.scheme = find_scheme(providers, provider).value_or(auth_scheme::by_credentials);
  if (settings.empty())
    return rules;
  auto object = json::parse(settings, nullptr, false);
  if (!object.is_object())
    return fail(errc::invalid, "the integration's settings are no JSON object");
  for (auto [field, target] : {std::pair{"base_url", &rules.base_url},
                               {"auth_header", &rules.auth_header},
                               {"auth_query", &rules.auth_query},
                               {"auth_prefix", &rules.auth_prefix}})
    if (!read_text(object, field, *target))
      return wrong(field);
  std::string scheme;
  if (!read_text(object, "auth_scheme", scheme))
    return wrong("auth_scheme");
  if (!scheme.empty()) {
    auto found = find_scheme(schemes, scheme);
    if (!found)
      return wrong("auth_scheme");
    rules.scheme = *found;
  }
  if (!read_headers(object, rules.headers))
    return wrong("headers");
  if (!read_retry(object, rules))
    return wrong("retry");
  if (!read_rate(object, rules.rate))
    return wrong("rate");
  if (!read_paginate(object, rules.paginate))
    return wrong("paginate");
  if (const auto* field = read_tokens(object, rules.tokens))
    return wrong(field);
  return rules;
}

expected<provider_rules> read_provider_rules(const integration& x) {
  auto rules = read_provider_rules(x.provider, x.settings);
  if (!rules || x.credentials.empty())
    return rules;
  auto client = json::parse(x.credentials, nullptr, false);
  if (!client.is_object() || !read_text(client, "client_id", rules->tokens.client_id)
      || !read_text(client, "client_secret", rules->tokens.client_secret)
      || !read_scopes(client, rules->tokens.scopes))
    return fail(errc::invalid, "the integration's credentials are wrong");
  return rules;
}

expected<request_auth> make_auth(const provider_rules& rules, const std::string& credentials) {
  auto object = json::parse(credentials, nullptr, false);
  if (!object.is_object())
    return fail(errc::invalid, "the connection's credentials are no JSON object");
  auto scheme = rules.scheme == auth_scheme::by_credentials ? scheme_for(text_in(object, "type"))
                                                            : rules.scheme;
  request_auth result;
  if (scheme == auth_scheme::none)
    return result;
  if (scheme == auth_scheme::basic) {
    auto pair = basic_pair(object);
    if (!pair)
      return fail(errc::invalid, "the connection has no user name");
    result.headers.emplace_back(or_else(rules.auth_header, "Authorization"),
                                "Basic " + base64(*pair));
    return result;
  }
  auto key = key_in(object);
  if (key.empty())
    return fail(errc::invalid, "the connection has no API key or access token");
  auto is_bearer = scheme == auth_scheme::bearer;
  if (!is_bearer && !rules.auth_query.empty()) {
    result.query.emplace_back(rules.auth_query, prefixed(rules.auth_prefix, key));
    return result;
  }
  auto prefix = is_bearer ? or_else(rules.auth_prefix, "Bearer") : rules.auth_prefix;
  result.headers.emplace_back(or_else(rules.auth_header, is_bearer ? "Authorization" : "X-Api-Key"),
                              prefixed(prefix, key));
  for (const auto& [name, value] : result.headers)
    if (!is_sendable_header(name, value))
      return fail(errc::invalid, "the connection's key cannot stand in a header");
  return result;
}

expected<request_auth> make_auth(const provider_rules& rules, const connection& link) {
  auto auth = make_auth(rules, link.credentials);
  if (!auth)
    return auth;
  header_list own;
  for (const auto& [name, text] : rules.headers) {
    auto value = fill_template(text, link);
    if (!value)
      return std::move(value.error());
    if (!is_sendable_header(name, *value))
      return fail(errc::invalid, "the integration's header " + name + " cannot be sent");
    own.emplace_back(name, std::move(*value));
  }
  auth->headers.insert(auth->headers.begin(), own.begin(), own.end());
  return auth;
}

std::vector<std::string> secrets_of(const connection& link, const request_auth& auth) {
  std::vector<std::string> result;
  auto keep = [&result](const std::string& text) {
    if (!text.empty())
      result.push_back(text);
  };
  auto credentials = json::parse(link.credentials, nullptr, false);
  if (credentials.is_object())
    for (const auto* field :
         {"apiKey", "access_token", "refresh_token", "token", "password", "client_secret"})
      keep(text_in(credentials, field));
  for (const auto& [name, value] : auth.headers)
    if (is_secret_name(name) || to_lower(name) == "authorization")
      keep(value.substr(value.rfind(' ') + 1));
  for (const auto& [name, value] : auth.query)
    keep(value);
  return result;
}

bool is_sendable_header(std::string_view name, std::string_view value) {
  auto in_name = [](char c) {
    return std::isalnum(static_cast<unsigned char>(c)) != 0
           || std::string_view{"!#$%&'*+-.^_`|~"}.find(c) != std::string_view::npos;
  };
  auto in_value = [](char c) { return c != '\r' && c != '\n' && c != '\0'; };
  return !name.empty() && std::all_of(name.begin(), name.end(), in_name)
         && std::all_of(value.begin(), value.end(), in_value);
}

} // namespace varia
