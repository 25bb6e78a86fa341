#include "core/log_redaction.hpp"

#include "core/secret_names.hpp"

#include <algorithm>
#include <array>
#include <cctype>
#include <mutex>
#include <vector>

namespace varia {

namespace {

constexpr size_t secret_least = 8;

struct kept_out {
  std::mutex mutex;
  std::vector<std::string> all;
};

kept_out& secrets() {
  static auto& result = *new kept_out;
  return result;
}

bool is_name_char(char c) {
  return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '_' || c == '-';
}

bool ends_value(char c) {
  return std::isspace(static_cast<unsigned char>(c)) != 0
         || std::string_view{"&,;)}]\"'<>"}.find(c) != std::string_view::npos;
}

size_t end_of_value(std::string_view text, size_t from) {
  while (from < text.size() && !ends_value(text[from]))
    ++from;
  return from;
}

// From behind the opening quote to the closing one.
size_t end_of_quoted(std::string_view text, size_t from, char quote) {
  for (; from < text.size() && text[from] != quote; ++from)
    if (text[from] == '\\' && from + 1 < text.size())
      ++from;
  return from;
}

bool matches_word(std::string_view text, size_t at, std::string_view word) {
  if (at > 0 && is_name_char(text[at - 1]))
    return false;
  if (text.size() - at < word.size())
    return false;
  return std::equal(
    word.begin(), word.end(), text.begin() + static_cast<std::ptrdiff_t>(at),
    [](char a, char b) { return a == std::tolower(static_cast<unsigned char>(b)); });
}

// "Bearer abc" and "Basic abc".
std::string without_schemes(std::string_view text) {
  constexpr std::array<std::string_view, 2> schemes{"bearer ", "basic "};
  constexpr size_t credential_least = 6;
  std::string result;
  for (size_t at = 0; at < text.size();) {
    auto scheme = std::find_if(schemes.begin(), schemes.end(),
                               [&](auto word) { return matches_word(text, at, word); });
    if (scheme == schemes.end()) {
      result += text[at++];
      continue;
    }
    auto from = at + scheme->size();
    auto end = end_of_value(text, from);
    result.append(text.substr(at, scheme->size()));
    result.append(end - from < credential_least ? text.substr(from, end - from) : redacted);
    at = end;
  }
  return result;
}

// "redis://user:password@host".
std::string without_users(std::string_view text) {
  std::string result;
  for (size_t at = 0; at < text.size();) {
    auto mark = text.find("://", at);
    if (mark == std::string_view::npos)
      return result.append(text.substr(at));
    auto from = mark + 3;
    auto end = std::find_if(text.begin() + static_cast<std::ptrdiff_t>(from), text.end(),
                            [](char c) { return c == '/' || c == '?' || ends_value(c); });
    auto host = text.substr(from, static_cast<size_t>(end - text.begin()) - from);
    result.append(text.substr(at, from - at));
    auto sign = host.rfind('@');
    if (sign != std::string_view::npos)
      result.append(redacted).append(host.substr(sign));
    else
      result.append(host);
    at = from + host.size();
  }
  return result;
}

// The name that ends before `at`, quoted or not.
std::string_view name_before(std::string_view text, size_t at) {
  auto end = at;
  if (end > 0 && (text[end - 1] == '"' || text[end - 1] == '\''))
    --end;
  auto from = end;
  while (from > 0 && is_name_char(text[from - 1]))
    --from;
  return text.substr(from, end - from);
}

bool names_secret(std::string_view text, size_t at) {
  auto name = name_before(text, at);
  auto is_quoted = at > 0 && (text[at - 1] == '"' || text[at - 1] == '\'');
  return text[at] == '=' || is_quoted ? is_secret_name(name) : is_plainly_secret_name(name);
}

// "name=value", "name: value" and "\"name\":\"value\"".
std::string without_values(std::string_view text) {
  const std::string_view mark = redacted;
  std::string result;
  for (size_t at = 0; at < text.size();) {
    auto c = text[at];
    result += c;
    ++at;
    if ((c != '=' && c != ':') || !names_secret(text, at - 1))
      continue;
    while (at < text.size() && text[at] == ' ')
      result += text[at++];
    auto quote = at < text.size() && (text[at] == '"' || text[at] == '\'') ? text[at] : '\0';
    if (quote != '\0')
      result += text[at++];
    auto end = quote != '\0' ? end_of_quoted(text, at, quote) : end_of_value(text, at);
    if (end > at && text.substr(at, mark.size()) != mark) {
      result += mark;
      at = end;
    }
  }
  return result;
}

std::string without_kept_out(std::string text) {
  auto& list = secrets();
  const std::string mark = redacted;
  std::lock_guard guard{list.mutex};
  for (auto& secret : list.all)
    for (auto at = text.find(secret); at != std::string::npos;
         at = text.find(secret, at + mark.size()))
      text.replace(at, secret.size(), mark);
  return text;
}

} // namespace

void keep_out_of_log(const std::string& secret) {
  auto& list = secrets();
  std::lock_guard guard{list.mutex};
  auto is_known = std::find(list.all.begin(), list.all.end(), secret) != list.all.end();
  if (secret.size() >= secret_least && !is_known)
    list.all.push_back(secret);
}

std::string without_log_secrets(std::string_view message) {
  return without_values(without_users(without_schemes(without_kept_out(std::string{message}))));
}

} // namespace varia
