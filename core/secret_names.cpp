#include "core/secret_names.hpp"

#include <algorithm>
#include <array>
#include <cctype>
#include <string>

namespace varia {

namespace {

// Names with nothing but letters and digits in lower case.
constexpr std::array<std::string_view, 21> whole_names{
  "key",       "token", "auth",   "code",      "sig",           "signature",  "password",
  "passwd",    "pwd",   "pass",   "secret",    "jwt",           "assertion",  "session",
  "sessionid", "sid",   "cookie", "setcookie", "authorization", "credential", "credentials"};

constexpr std::array<std::string_view, 9> endings{"token",      "apikey",        "secret",
                                                  "password",   "signature",     "accesskey",
                                                  "privatekey", "authorization", "credential"};

std::string squeezed(std::string_view name) {
  std::string result;
  for (auto c : name)
    if (std::isalnum(static_cast<unsigned char>(c)) != 0)
      result += static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  return result;
}

bool has_secret_end(const std::string& plain) {
  return std::any_of(endings.begin(), endings.end(), [&plain](auto end) {
    return plain.size() >= end.size()
           && plain.compare(plain.size() - end.size(), end.size(), end) == 0;
  });
}

} // namespace

bool is_secret_name(std::string_view name) {
  auto plain = squeezed(name);
  return std::find(whole_names.begin(), whole_names.end(), plain) != whole_names.end()
         || has_secret_end(plain);
}

bool is_plainly_secret_name(std::string_view name) {
  auto plain = squeezed(name);
  return plain == "cookie" || plain == "setcookie" || has_secret_end(plain);
}

} // namespace varia
