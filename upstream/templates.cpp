#include "upstream/templates.hpp"

#include "core/text.hpp"
#include "upstream/url.hpp"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <array>
#include <cctype>
#include <functional>
#include <optional>
#include <utility>

namespace varia {

namespace {

using nlohmann::json;

std::optional<std::string> text_of(const json& value) {
  if (value.is_string())
    return value.get<std::string>();
  if (value.is_number() || value.is_boolean())
    return value.dump();
  return std::nullopt;
}

std::optional<std::string> at_path(const std::string& object, const std::string& path) {
  auto root = json::parse(object, nullptr, false);
  const auto* value = &root;
  for (const auto& step : split(path, '.')) {
    auto found = value->is_object() ? value->find(step) : value->end();
    if (!value->is_object() || found == value->end())
      return std::nullopt;
    value = &*found;
  }
  return text_of(*value);
}

std::optional<std::string> first_of(const connection& link,
                                    const std::array<const char*, 2>& fields) {
  for (const auto* field : fields)
    if (auto value = at_path(link.credentials, field))
      return value;
  return std::nullopt;
}

std::optional<std::string> look_up(const std::string& name, const connection& link) {
  if (name == "apiKey")
    return first_of(link, {"apiKey", "apiKey"});
  if (name == "accessToken")
    return first_of(link, {"access_token", "token"});
  auto dot = name.find('.');
  if (dot == std::string::npos)
    return std::nullopt;
  auto group = name.substr(0, dot);
  auto path = name.substr(dot + 1);
  if (group == "connectionConfig")
    return at_path(link.connection_config, path);
  if (group == "metadata")
    return at_path(link.metadata, path);
  return group == "credentials" ? at_path(link.credentials, path) : std::nullopt;
}

// `fits` judges a value by the text that stands before it.
using value_rule = std::function<bool(const std::string& before, const std::string& value)>;

expected<std::string> fill(const std::string& text, const connection& link,
                           const value_rule& fits) {
  std::string result;
  size_t at = 0;
  for (;;) {
    auto start = text.find("${", at);
    auto end = start == std::string::npos ? start : text.find('}', start);
    if (end == std::string::npos)
      return result + text.substr(at);
    result += text.substr(at, start - at);
    auto name = std::string{trim(text.substr(start + 2, end - start - 2))};
    auto value = look_up(name, link);
    if (!value || value->empty())
      return fail(errc::invalid, "the connection has no value for ${" + name + "}");
    if (!fits(result, *value))
      return fail(errc::invalid, "the connection's value for ${" + name + "} cannot stand there");
    result += *value;
    at = end + 1;
  }
}

bool fits_url(const std::string& before, const std::string& value) {
  auto is_plain = [](char c) { return static_cast<unsigned char>(c) > ' ' && c != '\\'; };
  if (!std::all_of(value.begin(), value.end(), is_plain))
    return false;
  if (before.empty())
    return is_absolute_url(value) && value.find('@') == std::string::npos;
  auto host = before.find("://");
  auto is_in_host
    = host != std::string::npos && before.find_first_of("/?#", host + 3) == std::string::npos;
  return !is_in_host || std::all_of(value.begin(), value.end(), [](char c) {
    return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '.' || c == '-' || c == '_';
  });
}

} // namespace

expected<std::string> fill_template(const std::string& text, const connection& link) {
  return fill(text, link, [](const std::string&, const std::string&) { return true; });
}

expected<std::string> fill_url_template(const std::string& text, const connection& link) {
  return fill(text, link, fits_url);
}

} // namespace varia
