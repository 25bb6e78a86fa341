#include "upstream/url.hpp"

#include "core/text.hpp"

#include <curl/curl.h>

#include <algorithm>
#include <cctype>
#include <memory>

namespace varia {

namespace {

using url_handle = std::unique_ptr<CURLU, decltype(&::curl_url_cleanup)>;

url_handle parse(const std::string& url) {
  url_handle handle{::curl_url(), &::curl_url_cleanup};
  if (handle && ::curl_url_set(handle.get(), CURLUPART_URL, url.c_str(), 0) != CURLUE_OK)
    handle.reset();
  return handle;
}

std::string part_of(const url_handle& handle, CURLUPart part, unsigned flags = 0) {
  char* text = nullptr;
  if (::curl_url_get(handle.get(), part, &text, flags) != CURLUE_OK)
    return {};
  std::string result{text};
  ::curl_free(text);
  return result;
}

void drop_parameters(const url_handle& handle, const header_list& names) {
  auto query = part_of(handle, CURLUPART_QUERY);
  if (query.empty())
    return;
  std::string kept;
  for (const auto& parameter : split(query, '&')) {
    // As a server reads it, so that no spelling of it is overlooked.
    auto name = decoded(parameter.substr(0, parameter.find('=')));
    auto is_named = [&name](const auto& entry) { return entry.first == name; };
    if (std::none_of(names.begin(), names.end(), is_named))
      kept += (kept.empty() ? "" : "&") + parameter;
  }
  ::curl_url_set(handle.get(), CURLUPART_QUERY, kept.empty() ? nullptr : kept.c_str(), 0);
}

} // namespace

std::string encoded(const std::string& text, std::string_view kept) {
  constexpr auto digits = "0123456789ABCDEF";
  std::string result;
  for (auto c : text) {
    auto byte = static_cast<unsigned char>(c);
    if (std::isalnum(byte) != 0 || kept.find(c) != std::string_view::npos) {
      result += c;
    } else {
      result += '%';
      result += digits[byte >> 4U];
      result += digits[byte & 15U];
    }
  }
  return result;
}

std::string decoded(std::string text) {
  std::replace(text.begin(), text.end(), '+', ' ');
  auto length = 0;
  char* plain = ::curl_easy_unescape(nullptr, text.c_str(), static_cast<int>(text.size()), &length);
  if (plain == nullptr)
    return text;
  std::string result{plain, static_cast<size_t>(length)};
  ::curl_free(plain);
  return result;
}

bool is_absolute_url(const std::string& url) {
  auto start = to_lower(url.substr(0, 8));
  return start.rfind("http://", 0) == 0 || start == "https://";
}

std::string join_url(const std::string& base, const std::string& path) {
  if (path.empty())
    return base;
  auto result = base;
  while (!result.empty() && result.back() == '/')
    result.pop_back();
  auto rest = path.find_first_not_of('/');
  if (rest == std::string::npos)
    return result + "/";
  if (path[rest] == '?' && rest == 0)
    return result + path;
  return result + "/" + path.substr(rest);
}

expected<std::string> origin_of(const std::string& url) {
  auto handle = parse(url);
  if (!handle)
    return fail(errc::invalid, "not a URL");
  auto scheme = to_lower(part_of(handle, CURLUPART_SCHEME));
  if (scheme != "http" && scheme != "https")
    return fail(errc::invalid, "not a URL of http or https");
  return scheme + "://" + to_lower(part_of(handle, CURLUPART_HOST)) + ":"
         + part_of(handle, CURLUPART_PORT, CURLU_DEFAULT_PORT);
}

std::string host_of(const std::string& url) {
  auto handle = parse(url);
  return handle ? part_of(handle, CURLUPART_HOST) : std::string{};
}

std::string host_and_port_of(const std::string& url) {
  auto handle = parse(url);
  if (!handle)
    return {};
  auto port = part_of(handle, CURLUPART_PORT);
  return part_of(handle, CURLUPART_HOST) + (port.empty() ? "" : ":" + port);
}

std::string with_origin_of(const std::string& url, const std::string& other) {
  auto handle = parse(url);
  auto origin = parse(other);
  if (!handle || !origin)
    return {};
  for (auto part : {CURLUPART_SCHEME, CURLUPART_HOST, CURLUPART_PORT}) {
    auto text = part_of(origin, part);
    ::curl_url_set(handle.get(), part, text.empty() ? nullptr : text.c_str(), 0);
  }
  return part_of(handle, CURLUPART_URL);
}

std::string without_user(const std::string& url) {
  auto handle = parse(url);
  if (!handle)
    return {};
  for (auto part : {CURLUPART_USER, CURLUPART_PASSWORD, CURLUPART_OPTIONS, CURLUPART_FRAGMENT})
    ::curl_url_set(handle.get(), part, nullptr, 0);
  return part_of(handle, CURLUPART_URL);
}

expected<std::string> with_query(const std::string& url, const header_list& parameters) {
  if (parameters.empty())
    return url;
  auto handle = parse(url);
  if (!handle)
    return fail(errc::invalid, "not a URL");
  drop_parameters(handle, parameters);
  for (const auto& [name, value] : parameters) {
    auto parameter = name + "=" + value;
    if (::curl_url_set(handle.get(), CURLUPART_QUERY, parameter.c_str(),
                       CURLU_APPENDQUERY | CURLU_URLENCODE)
        != CURLUE_OK)
      return fail(errc::invalid, "a parameter that fits no URL");
  }
  return part_of(handle, CURLUPART_URL);
}

std::string without_query(const std::string& url, const header_list& names) {
  if (names.empty())
    return url;
  auto handle = parse(url);
  if (!handle)
    return {};
  drop_parameters(handle, names);
  return part_of(handle, CURLUPART_URL);
}

std::string encode_path_part(const std::string& text) {
  std::unique_ptr<char, void (*)(void*)> encoded{
    ::curl_easy_escape(nullptr, text.data(), static_cast<int>(text.size())), ::curl_free};
  return encoded ? encoded.get() : std::string{};
}

} // namespace varia
