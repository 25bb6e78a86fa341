#include "api/session_rules.hpp"

#include "core/ids.hpp"
#include "core/text.hpp"

#include <openssl/crypto.h>

#include <string_view>

namespace varia {

namespace {

constexpr std::string_view cookie_name = "varia_session";
constexpr size_t token_max = 100;
constexpr auto random_words = 4;

std::string header_of(const http_request& request, const char* name) {
  auto found = request.headers.find(name);
  return found == request.headers.end() ? std::string{} : std::string{trim(found->second)};
}

// "https://sync.example.com/x" without scheme and path.
std::string authority_of(const std::string& url) {
  auto mark = url.find("://");
  auto rest = mark == std::string::npos ? url : url.substr(mark + 3);
  return to_lower(rest.substr(0, rest.find('/')));
}

bool is_same_text(const std::string& a, const std::string& b) {
  return a.size() == b.size() && CRYPTO_memcmp(a.data(), b.data(), a.size()) == 0;
}

// Where the browser and we are on different sides of a proxy, only the former knows.
bool is_by_https(const http_request& request) {
  auto origin = to_lower(header_of(request, "origin"));
  auto proxied = to_lower(header_of(request, "x-forwarded-proto"));
  return origin.rfind("https://", 0) == 0 || trim(split(proxied, ',').front()) == "https";
}

} // namespace

std::string session_token_of(const http_request& request) {
  for (auto& each : split(header_of(request, "cookie"), ';')) {
    auto pair = trim(each);
    auto mark = pair.find('=');
    if (mark != std::string_view::npos && pair.substr(0, mark) == cookie_name
        && pair.size() - mark <= token_max)
      return std::string{pair.substr(mark + 1)};
  }
  return {};
}

bool is_by_session(const http_request& request) {
  return request.headers.count("authorization") == 0 && !session_token_of(request).empty();
}

std::string make_session_token() {
  std::string bytes;
  for (auto i = 0; i < random_words; ++i) {
    auto word = make_nonce();
    bytes.append(reinterpret_cast<const char*>(&word), sizeof word);
  }
  return base64url(bytes);
}

std::string csrf_of(const std::string& session_token) {
  return sha256_hex("csrf of " + session_token);
}

bool is_from_own_page(const http_request& request, const std::string& public_url, bool is_proof) {
  auto site = header_of(request, "sec-fetch-site");
  if (!site.empty() && site != "same-origin" && site != "none")
    return false;
  auto origin = header_of(request, "origin");
  if (origin.empty())
    return !site.empty() || !is_proof;
  auto from = authority_of(origin);
  return from == to_lower(header_of(request, "host"))
         || (!public_url.empty() && from == authority_of(public_url));
}

bool may_session_send(const http_request& request, const std::string& public_url) {
  if (request.method == "GET")
    return is_from_own_page(request, public_url, false);
  return is_from_own_page(request, public_url, true)
         && is_same_text(header_of(request, "x-varia-csrf"), csrf_of(session_token_of(request)));
}

std::string session_cookie(const http_request& request, const std::string& token,
                           milliseconds duration) {
  auto seconds = token.empty() ? 0 : duration.count() / 1000;
  auto result = std::string{cookie_name} + "=" + token + "; HttpOnly; SameSite=Strict; Path=/"
                + "; Max-Age=" + std::to_string(seconds);
  return is_by_https(request) ? result + "; Secure" : result;
}

} // namespace varia
