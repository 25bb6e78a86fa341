#include "api/providers.hpp"

#include "provider_catalogue.hpp"

#include <toml++/toml.h>

#include <algorithm>
#include <cctype>
#include <string_view>

namespace varia {

namespace {

const std::vector<std::string> schemes{"none", "api_key", "basic", "bearer"};
const std::vector<std::string> modes{"NONE", "API_KEY", "BASIC", "OAUTH2", "OAUTH2_CC"};
const std::vector<std::string> token_ways{"body", "basic"};
const std::vector<std::string> webhook_schemes{"none", "hmac", "token"};
const std::vector<std::string> webhook_algorithms{"sha1", "sha256", "sha512"};
const std::vector<std::string> webhook_encodings{"hex", "base64"};
constexpr double status_min = 100;
constexpr double status_max = 599;
constexpr size_t codes_max = 32;
constexpr size_t names_max = 8;
constexpr size_t scopes_max = 256;
constexpr double rate_max = 1'000'000;
constexpr double runs_max = 1'000'000;
constexpr double limit_max = 1'000'000;
constexpr double offset_max = 1'000'000;

// The names that HTTP allows for a header (RFC 9110, token).
bool is_header_name(const std::string& x) {
  return !x.empty() && std::all_of(x.begin(), x.end(), [](char c) {
    return std::isalnum(static_cast<unsigned char>(c)) != 0
           || std::string_view{"!#$%&'*+-.^_`|~"}.find(c) != std::string_view::npos;
  });
}

bool is_header_value(const std::string& x) {
  return std::none_of(x.begin(), x.end(), [](char c) { return c == '\r' || c == '\n' || c == 0; });
}

// A URL that may have placeholders such as ${connectionConfig.domain}, also in place of its begin.
bool is_url_template(const std::string& x) {
  if (x.rfind("${", 0) == 0)
    return x.find('}') != std::string::npos;
  std::string plain;
  for (size_t at = 0; at < x.size();) {
    auto start = x.find("${", at);
    plain += x.substr(at, start - at);
    if (start == std::string::npos)
      break;
    auto end = x.find('}', start);
    if (end == std::string::npos)
      return false;
    plain += "x";
    at = end + 1;
  }
  return is_http_url(plain);
}

schema url_template() {
  return text({[](const std::string& value, const json_path& path, issues& found) {
    if (!is_url_template(value))
      found.push_back({"invalid_format", "Invalid URL", path});
  }});
}

// A whole number above zero and a unit.
bool is_span(const std::string& x) {
  auto digits = x.find_first_not_of("0123456789");
  if (digits == 0 || digits == std::string::npos || digits > 6
      || x.find_first_not_of('0') == digits)
    return false;
  auto unit = x.substr(digits);
  return unit == "ms" || unit == "s" || unit == "m" || unit == "h";
}

bool is_status(std::string_view x) {
  return x.size() == 3 && x[0] >= '1' && x[0] <= '5'
         && (x.substr(1) == "xx" || x.find_first_not_of("0123456789") == std::string_view::npos);
}

// "429", "5xx" or "500-502".
bool is_status_pattern(const std::string& x) {
  auto mark = x.find('-');
  return is_status(std::string_view{x}.substr(0, mark))
         && (mark == std::string::npos || is_status(std::string_view{x}.substr(mark + 1)));
}

json json_of(const toml::node& node) {
  if (auto* table = node.as_table()) {
    auto result = json::object();
    for (auto&& [key, value] : *table)
      result[std::string{key.str()}] = json_of(value);
    return result;
  }
  if (auto* list = node.as_array()) {
    auto result = json::array();
    for (auto&& value : *list)
      result.push_back(json_of(value));
    return result;
  }
  if (auto* text = node.as_string())
    return text->get();
  if (auto* number = node.as_integer())
    return number->get();
  if (auto* flag = node.as_boolean())
    return flag->get();
  return nullptr;
}

schema pagination() {
  auto name = text({at_least(1), at_most(255)});
  return object({{"type", one_of({"cursor", "link", "offset"})},
                 {"cursor_path_in_response", optional(name)},
                 {"cursor_name_in_request", optional(name)},
                 {"link_rel_in_response_header", optional(name)},
                 {"link_path_in_response_body", optional(name)},
                 {"offset_name_in_request", optional(name)},
                 {"offset_start_value", optional(whole_number(0, offset_max))},
                 {"offset_calculation_method", optional(one_of({"per-page", "by-response-size"}))},
                 {"response_path", optional(name)},
                 {"limit", optional(whole_number(1, limit_max))},
                 {"limit_name_in_request", optional(name)},
                 {"in_body", optional(boolean())}});
}

// What a signature may be made of.
bool is_signed_text(const std::string& x) {
  return x.find("{body}") != std::string::npos;
}

// A scheme that looks at a header has to know which.
void refuse_missing_header(const json& rules, const json_path& path, issues& found) {
  if (text_at(rules, "scheme") == "none" || member(rules, "header") != nullptr)
    return;
  auto where = path;
  where.push_back("header");
  found.push_back({"custom", "must name the header that carries the signature or token", where});
}

schema webhook() {
  auto header_name = text({holds(is_header_name, "must be the name of an HTTP header")});
  auto path = text({at_least(1), at_most(255)});
  auto word = text({at_least(1), at_most(32)});
  auto rules
    = object({{"scheme", one_of(webhook_schemes)},
              {"header", optional(header_name)},
              {"algorithm", optional(one_of(webhook_algorithms))},
              {"encoding", optional(one_of(webhook_encodings))},
              {"prefix", optional(text({at_most(64)}))},
              {"part", optional(word)},
              {"signed", optional(text({at_most(255), holds(is_signed_text, "must have {body}")}))},
              {"timestamp_header", optional(header_name)},
              {"timestamp_part", optional(word)},
              {"tolerance", optional(text({holds(is_span, "must be a duration with a unit")}))},
              {"type_header", optional(header_name)},
              {"type_path", optional(path)},
              {"connection_path", optional(path)},
              {"connection_field", optional(path)}});
  return [rules](const json* value, const json_path& where, issues& found) {
    auto before = found.size();
    rules(value, where, found);
    if (found.size() == before)
      refuse_missing_header(*value, where, found);
  };
}

schema provider_rules() {
  return object({{"display_name", text({at_least(1)})},
                 {"auth_mode", one_of(modes)},
                 {"categories", optional(list_of(text({at_least(1)}), names_max))},
                 {"docs", optional(text({is_url()}))},
                 {"authorization_url", optional(url_template())},
                 {"settings", optional(integration_settings())}});
}

expected<provider> read_provider(const std::string& name, const toml::node& node) {
  auto value = json_of(node);
  if (auto found = check(provider_rules(), &value); !found.empty()) {
    auto where = name;
    for (auto& step : found.front().path)
      where += "." + step;
    return fail(errc::invalid, "providers, line " + std::to_string(node.source().begin.line) + ", "
                                 + where + ": " + found.front().message);
  }
  return provider{name,
                  value["display_name"],
                  value["auth_mode"],
                  value.value("categories", std::vector<std::string>{}),
                  text_at(value, "docs"),
                  text_at(value, "authorization_url"),
                  value.value("settings", json::object())};
}

} // namespace

expected<providers> providers::parse(std::string_view toml) {
  try {
    providers result;
    for (auto&& [key, node] : toml::parse(toml)) {
      auto read = read_provider(std::string{key.str()}, node);
      if (!read)
        return std::move(read.error());
      result.all_[read->name] = std::move(*read);
    }
    return result;
  } catch (const toml::parse_error& what) {
    return fail(errc::invalid, "providers, line " + std::to_string(what.source().begin.line) + ": "
                                 + std::string{what.description()});
  }
}

expected<providers> providers::load(std::string_view more) {
  auto result = parse(provider_catalogue);
  if (!result)
    return result;
  auto added = parse(more);
  if (!added)
    return added;
  for (auto& [name, x] : added->all_)
    result->all_[name] = std::move(x);
  return result;
}

const provider* providers::find(const std::string& name) const {
  auto found = all_.find(name);
  return found == all_.end() ? nullptr : &found->second;
}

std::vector<const provider*> providers::list() const {
  std::vector<const provider*> result;
  for (auto& [name, x] : all_)
    result.push_back(&x);
  return result;
}

schema integration_settings() {
  auto header_name = text({holds(is_header_name, "must be the name of an HTTP header")});
  auto header_value = text({holds(is_header_value, "must be one line"), at_most(1024)});
  auto span = text({holds(is_span, "must be a duration with a unit, such as 500ms, 10s or 1m")});
  auto status = either({whole_number(status_min, status_max),
                        text({holds(is_status_pattern, "must be like 429, 5xx or 500-502")})});
  auto names = either({header_name, list_of(header_name, names_max)});
  auto retry = object({{"after", optional(names)},
                       {"at", optional(names)},
                       {"codes", optional(either({status, list_of(status, codes_max)}))},
                       {"remaining", optional(names)}});
  auto rate = object({{"requests", whole_number(1, rate_max)}, {"per", optional(span)}});
  auto runs = object({{"per_connection", optional(whole_number(0, runs_max))},
                      {"total", optional(whole_number(0, runs_max))}});
  return object(
    {{"base_url", optional(url_template())},
     {"token_url", optional(url_template())},
     {"token_auth", optional(one_of(token_ways))},
     {"token_params", optional(record_of(text({at_most(1024)})))},
     {"scopes",
      optional(either({text({at_most(4096)}), list_of(text({at_most(255)}), scopes_max)}))},
     {"auth_scheme", optional(one_of(schemes))},
     {"auth_header", optional(header_name)},
     {"auth_query", optional(text({at_least(1), at_most(255)}))},
     {"auth_prefix", optional(text({holds(is_header_value, "must be one line"), at_most(255)}))},
     {"headers", optional(record_of(header_value))},
     {"retry", optional(retry)},
     {"rate", optional(rate)},
     {"runs", optional(runs)},
     {"paginate", optional(pagination())},
     {"webhook", optional(webhook())}});
}

} // namespace varia
