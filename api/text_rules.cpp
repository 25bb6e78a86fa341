#include "api/validation.hpp"
#include "core/text.hpp"
#include "core/time.hpp"

#include <algorithm>
#include <string_view>
#include <utility>

namespace varia {

namespace {

// Texts are measured in characters, not bytes.
size_t length_of(const std::string& text) {
  return static_cast<size_t>(
    std::count_if(text.begin(), text.end(), [](char x) { return (x & 0xC0) != 0x80; }));
}

} // namespace

text_rule matches(bool (*predicate)(const std::string&), std::string pattern) {
  json description{{"pattern", pattern}};
  return {[predicate, pattern = std::move(pattern)](const std::string& value, const json_path& path,
                                                    issues& found) {
            if (!predicate(value))
              found.push_back(
                {"invalid_format", "Invalid string: must match pattern /" + pattern + "/", path});
          },
          std::move(description)};
}

text_rule at_least(size_t characters) {
  return {[characters](const std::string& value, const json_path& path, issues& found) {
            if (length_of(value) < characters)
              found.push_back({"too_small",
                               "Too small: expected string to have >=" + std::to_string(characters)
                                 + " characters",
                               path});
          },
          {{"minLength", characters}}};
}

text_rule at_most(size_t characters) {
  return {[characters](const std::string& value, const json_path& path, issues& found) {
            if (length_of(value) > characters)
              found.push_back(
                {"too_big",
                 "Too big: expected string to have <=" + std::to_string(characters) + " characters",
                 path});
          },
          {{"maxLength", characters}}};
}

text_rule holds(std::function<bool(const std::string&)> predicate, std::string message) {
  return [predicate = std::move(predicate), message = std::move(message)](
           const std::string& value, const json_path& path, issues& found) {
    if (!predicate(value))
      found.push_back({"custom", message, path});
  };
}

text_rule is_url() {
  return {[](const std::string& value, const json_path& path, issues& found) {
            if (!is_http_url(value))
              found.push_back({"invalid_format", "Invalid URL", path});
          },
          {{"format", "uri"}},
          "https://example.com/path"};
}

text_rule is_moment() {
  return {[](const std::string& value, const json_path& path, issues& found) {
            if (parse_iso_z(value) < 0)
              found.push_back({"invalid_format", "Invalid ISO datetime", path});
          },
          {{"format", "date-time"}},
          to_iso_z(now_ms())};
}

bool is_http_url(const std::string& text) {
  auto low = to_lower(text);
  auto start = low.rfind("https://", 0) == 0 ? size_t{8} : low.rfind("http://", 0) == 0 ? 7 : 0;
  auto blank = [](char x) { return static_cast<unsigned char>(x) <= ' '; };
  return start > 0 && text.size() > start
         && std::string_view{"/?#:@"}.find(text[start]) == std::string_view::npos
         && std::none_of(text.begin(), text.end(), blank);
}

} // namespace varia
