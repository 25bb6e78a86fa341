#include "upstream/transfer.hpp"

#include "core/text.hpp"
#include "upstream/url.hpp"

#include <algorithm>
#include <array>
#include <utility>

namespace varia {

namespace {

constexpr auto user_agent = "varia/" VARIA_VERSION;
constexpr int redirects_max = 5;
constexpr long connect_timeout_ms = 10000;
constexpr size_t header_bytes_max = 256 * 1024;

// These belong to the connection; a request that set them itself could be read as two.
constexpr std::array<std::string_view, 6> own_headers{
  "host", "content-length", "transfer-encoding", "connection", "user-agent", "expect"};

// What a script may have put in itself and must not be shown to another origin either.
constexpr std::array<std::string_view, 3> secret_headers{"authorization", "cookie",
                                                         "proxy-authorization"};

template <class List, class T>
bool is_one_of(const List& list, const T& value) {
  return std::find(list.begin(), list.end(), value) != list.end();
}

bool has_header(const header_list& list, const std::string& lower_name) {
  return std::any_of(list.begin(), list.end(),
                     [&](const auto& entry) { return to_lower(entry.first) == lower_name; });
}

// The codes that Node's network errors have, which scripts may know.
const char* failure_code(CURLcode code) {
  switch (code) {
    case CURLE_OPERATION_TIMEDOUT: return "ETIMEDOUT";
    case CURLE_COULDNT_RESOLVE_HOST: return "ENOTFOUND";
    case CURLE_COULDNT_CONNECT: return "ECONNREFUSED";
    case CURLE_GOT_NOTHING:
    case CURLE_RECV_ERROR:
    case CURLE_PARTIAL_FILE:
    case CURLE_SEND_ERROR: return "ECONNRESET";
    case CURLE_PEER_FAILED_VERIFICATION:
    case CURLE_SSL_CONNECT_ERROR: return "ERR_TLS";
    case CURLE_UNSUPPORTED_PROTOCOL:
    case CURLE_URL_MALFORMAT: return "ERR_INVALID_URL";
    default: return "ERR_NETWORK";
  }
}

} // namespace

transfer::transfer(upstream_request request, upstream::handler done, uint64_t response_bytes_max)
  : request_{std::move(request)}, done_{std::move(done)}, bytes_max_{response_bytes_max} {
  if (auto origin = origin_of(request_.url))
    origin_ = *origin;
}

CURL* transfer::prepare(milliseconds timeout) {
  if (origin_.empty()) {
    fail_with("ERR_INVALID_URL", "the request's address is not a URL of http or https");
    return nullptr;
  }
  easy_.reset(::curl_easy_init());
  if (!easy_ || !set_options(timeout) || !set_headers()) {
    if (result_.failure.empty())
      fail_with("ERR_INVALID_URL", "the request cannot be sent");
    return nullptr;
  }
  set_method();
  return easy_.get();
}

bool transfer::set_options(milliseconds timeout) {
  auto url = with_query(request_.url, at_home_ ? request_.auth.query : header_list{});
  if (!url)
    return false;
  auto* easy = easy_.get();
  ::curl_easy_setopt(easy, CURLOPT_URL, url->c_str());
  ::curl_easy_setopt(easy, CURLOPT_PRIVATE, this);
  ::curl_easy_setopt(easy, CURLOPT_NOSIGNAL, 1L);
  ::curl_easy_setopt(easy, CURLOPT_PROXY, "");
  ::curl_easy_setopt(easy, CURLOPT_PROTOCOLS_STR, "http,https");
  ::curl_easy_setopt(easy, CURLOPT_FOLLOWLOCATION, 0L);
  ::curl_easy_setopt(easy, CURLOPT_HTTP_VERSION, static_cast<long>(CURL_HTTP_VERSION_2TLS));
  ::curl_easy_setopt(easy, CURLOPT_ACCEPT_ENCODING, "");
  ::curl_easy_setopt(easy, CURLOPT_USERAGENT, user_agent);
  ::curl_easy_setopt(easy, CURLOPT_CONNECTTIMEOUT_MS, connect_timeout_ms);
  ::curl_easy_setopt(easy, CURLOPT_TIMEOUT_MS, static_cast<long>(timeout.count()));
  ::curl_easy_setopt(easy, CURLOPT_HEADERFUNCTION, &transfer::on_header);
  ::curl_easy_setopt(easy, CURLOPT_HEADERDATA, this);
  ::curl_easy_setopt(easy, CURLOPT_WRITEFUNCTION, &transfer::on_body);
  ::curl_easy_setopt(easy, CURLOPT_WRITEDATA, this);
  return true;
}

bool transfer::set_headers() {
  curl_slist* list = nullptr;
  auto add = [&list](const std::string& line) {
    if (auto* longer = ::curl_slist_append(list, line.c_str()))
      list = longer;
  };
  auto put = [&](const header_list& entries, const header_list* over) {
    for (const auto& [name, value] : entries) {
      auto lower = to_lower(name);
      if (!is_sendable_header(name, value))
        return false;
      if (is_one_of(own_headers, lower) || (over != nullptr && has_header(*over, lower)))
        continue;
      auto is_secret = is_one_of(secret_headers, lower) || has_header(request_.auth.headers, lower);
      if (!at_home_ && is_secret)
        continue;
      // libcurl's way to say "empty value", since "Name:" would remove the header.
      add(value.empty() ? name + ";" : name + ": " + value);
    }
    return true;
  };
  auto good = put(request_.headers, nullptr)
              && (!at_home_ || put(request_.auth.headers, &request_.headers));
  // libcurl would call every body a form.
  if (!has_header(request_.headers, "content-type"))
    add("Content-Type:");
  add("Expect:");
  headers_.reset(list);
  ::curl_easy_setopt(easy_.get(), CURLOPT_HTTPHEADER, list);
  if (!good)
    fail_with("ERR_INVALID_HEADER", "a header of the request has a name or value that cannot be");
  return good;
}

void transfer::set_method() {
  auto* easy = easy_.get();
  const auto& method = request_.method;
  auto wants_body = method == "POST" || method == "PUT" || method == "PATCH";
  if (method == "HEAD") {
    ::curl_easy_setopt(easy, CURLOPT_NOBODY, 1L);
    return;
  }
  if (request_.body || wants_body) {
    const auto* bytes = request_.body ? request_.body->data() : "";
    auto size = request_.body ? request_.body->size() : 0;
    ::curl_easy_setopt(easy, CURLOPT_POSTFIELDSIZE_LARGE, static_cast<curl_off_t>(size));
    ::curl_easy_setopt(easy, CURLOPT_POSTFIELDS, bytes);
  }
  ::curl_easy_setopt(easy, CURLOPT_CUSTOMREQUEST, method.c_str());
}

bool transfer::finish_hop(CURLcode code) {
  if (is_too_large_) {
    fail_with("response_too_large",
              "the answer is larger than " + std::to_string(bytes_max_) + " bytes");
    return false;
  }
  if (code != CURLE_OK) {
    fail_with(failure_code(code), ::curl_easy_strerror(code));
    return false;
  }
  long status = 0;
  ::curl_easy_getinfo(easy_.get(), CURLINFO_RESPONSE_CODE, &status);
  result_.status = static_cast<int>(status);
  result_.url = without_query(request_.url, request_.auth.query);
  const char* location = nullptr;
  ::curl_easy_getinfo(easy_.get(), CURLINFO_REDIRECT_URL, &location);
  constexpr std::array<int, 5> redirect_statuses{301, 302, 303, 307, 308};
  if (location == nullptr || !is_one_of(redirect_statuses, result_.status))
    return false;
  return follow(location);
}

bool transfer::follow(const std::string& location) {
  if (++redirects_ > redirects_max) {
    fail_with("ERR_FR_TOO_MANY_REDIRECTS", "more than 5 redirects");
    return false;
  }
  auto origin = origin_of(location);
  if (!origin) {
    fail_with("ERR_INVALID_URL", "a redirect to what is not a URL of http or https");
    return false;
  }
  // Once away the credentials stay away, even if a later redirect leads home.
  at_home_ = at_home_ && *origin == origin_;
  auto status = result_.status;
  auto& method = request_.method;
  if ((status == 303 && method != "HEAD")
      || ((status == 301 || status == 302) && method == "POST")) {
    method = "GET";
    request_.body.reset();
  }
  request_.url = without_query(location, request_.auth.query);
  result_ = {};
  return true;
}

void transfer::fail_with(std::string code, std::string message) {
  result_ = {};
  result_.failure = std::move(code);
  result_.message = std::move(message);
}

size_t transfer::on_header(char* data, size_t size, size_t count, void* self) {
  static_cast<transfer*>(self)->take_header({data, size * count});
  return size * count;
}

void transfer::take_header(std::string_view line) {
  // A status line begins a new answer: the one before was an interim one.
  if (line.substr(0, 5) == "HTTP/") {
    result_.headers.clear();
    return;
  }
  auto colon = line.find(':');
  if (colon == std::string_view::npos || result_.headers.size() >= 1000)
    return;
  auto name = to_lower(line.substr(0, colon));
  auto value = std::string{trim(line.substr(colon + 1))};
  for (auto& [known, joined] : result_.headers)
    if (known == name) {
      if (joined.size() + value.size() < header_bytes_max)
        joined += ", " + value;
      return;
    }
  result_.headers.emplace_back(std::move(name), std::move(value));
}

size_t transfer::on_body(char* data, size_t size, size_t count, void* self) {
  auto& my = *static_cast<transfer*>(self);
  auto bytes = size * count;
  if (my.result_.body.size() + bytes > my.bytes_max_) {
    my.is_too_large_ = true;
    return 0;
  }
  my.result_.body.append(data, bytes);
  return bytes;
}

} // namespace varia
