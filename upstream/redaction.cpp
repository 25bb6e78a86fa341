#include "upstream/redaction.hpp"

#include "core/text.hpp"
#include "upstream/url.hpp"

#include <algorithm>
#include <array>
#include <cctype>

namespace varia {

namespace {

constexpr size_t secret_least = 4;

void replace_all(std::string& text, const std::string& what) {
  const std::string mark = redacted;
  for (auto at = text.find(what); at != std::string::npos; at = text.find(what, at + mark.size()))
    text.replace(at, what.size(), mark);
}

// True if a secret shows only after decoding, whatever was encoded of it and how.
bool hides_secret(const std::string& part, const std::vector<std::string>& secrets) {
  auto plain = decoded(part);
  return plain != part && without_secrets(plain, secrets) != plain;
}

} // namespace

std::string without_secrets(std::string text, const std::vector<std::string>& secrets) {
  auto sorted = secrets;
  // The longest first, so that no part of one is left over.
  std::sort(sorted.begin(), sorted.end(), [](auto& a, auto& b) { return a.size() > b.size(); });
  for (const auto& secret : sorted) {
    if (secret.size() < secret_least)
      continue;
    // As a parameter has it, and as it may stand in a path.
    for (auto kept : {"-._~", "-._~!$&'()*+,;=:@/"})
      replace_all(text, encoded(secret, kept));
    replace_all(text, secret);
  }
  return text;
}

std::string loggable_url(const std::string& url, const std::vector<std::string>& secrets) {
  auto plain = without_user(url);
  if (plain.empty())
    return "(not a URL)";
  auto mark = plain.find('?');
  std::string result;
  for (const auto& part : split(plain.substr(0, mark), '/'))
    result += (result.empty() ? "" : "/") + (hides_secret(part, secrets) ? redacted : part);
  if (mark == std::string::npos)
    return without_secrets(std::move(result), secrets);
  auto sign = "?";
  for (const auto& parameter : split(plain.substr(mark + 1), '&')) {
    auto equals = parameter.find('=');
    auto has_value = equals != std::string::npos;
    auto name = parameter.substr(0, has_value ? equals + 1 : 0);
    auto is_secret = (has_value && is_secret_name(decoded(parameter.substr(0, equals))))
                     || hides_secret(parameter, secrets);
    result += sign + (is_secret ? name + redacted : parameter);
    sign = "&";
  }
  return without_secrets(std::move(result), secrets);
}

} // namespace varia
