#include "upstream/transfer.hpp"

#include "core/text.hpp"
#include "upstream/url.hpp"

#include <algorithm>
#include <array>
#include <utility>

#include <sys/socket.h>

namespace varia {

namespace {

constexpr auto user_agent = "varia/" VARIA_VERSION;
constexpr int redirects_max = 5;
constexpr long connect_timeout_ms = 10000;
constexpr size_t header_bytes_max = 256 * 1024;

// These belong to the connection; a request that set them itself could be read as two.
constexpr std::array<std::string_view, 6> own_headers{
  "host", "content-length", "transfer-encoding", "connection", "user-agent", "expect"};

// These tell where a request would have gone that `origin_override` leads elsewhere.
constexpr auto forwarded_host = "x-forwarded-host";
constexpr auto forwarded_proto = "x-forwarded-proto";

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

bool is_forwarded(const std::string& lower_name) {
  return lower_name == forwarded_host || lower_name == forwarded_proto;
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

transfer::transfer(upstream_request request, upstream::handler done, const upstream_config& config)
  : request_{std::move(request)}, done_{std::move(done)}, config_{config} {
  if (auto origin = origin_of(request_.url))
    origin_ = *origin;
}

CURL* transfer::prepare() {
  if (origin_.empty()) {
    fail_with("ERR_INVALID_URL", "the request's address is not a URL of http or https");
    return nullptr;
  }
  easy_.reset(::curl_easy_init());
  has_refused_ = has_admitted_ = false;
  if (!easy_ || !set_options() || !set_headers()) {
    if (result_.failure.empty())
      fail_with("ERR_INVALID_URL", "the request cannot be sent");
    return nullptr;
  }
  set_method();
  return easy_.get();
}

std::string transfer::address_to_ask() const {
  const auto& instead = config_.origin_override;
  return instead.empty() ? request_.url : with_origin_of(request_.url, instead);
}

bool transfer::set_options() {
  auto url = with_query(address_to_ask(), at_home_ ? request_.auth.query : header_list{});
  if (!url)
    return false;
  auto timeout
    = request_.timeout.count() > 0 ? std::min(request_.timeout, config_.timeout) : config_.timeout;
  auto* easy = easy_.get();
  ::curl_easy_setopt(easy, CURLOPT_URL, url->c_str());
  ::curl_easy_setopt(easy, CURLOPT_PRIVATE, this);
  ::curl_easy_setopt(easy, CURLOPT_NOSIGNAL, 1L);
  ::curl_easy_setopt(easy, CURLOPT_PROXY, "");
  ::curl_easy_setopt(easy, CURLOPT_PROTOCOLS_STR, "http,https");
  ::curl_easy_setopt(easy, CURLOPT_FOLLOWLOCATION, 0L);
  ::curl_easy_setopt(easy, CURLOPT_HTTP_VERSION, static_cast<long>(CURL_HTTP_VERSION_2TLS));
  ::curl_easy_setopt(easy, CURLOPT_ACCEPT_ENCODING, request_.decompresses ? "" : nullptr);
  ::curl_easy_setopt(easy, CURLOPT_USERAGENT,
                     config_.user_agent.empty() ? user_agent : config_.user_agent.c_str());
  ::curl_easy_setopt(easy, CURLOPT_CONNECTTIMEOUT_MS, connect_timeout_ms);
  ::curl_easy_setopt(easy, CURLOPT_TIMEOUT_MS, static_cast<long>(timeout.count()));
  ::curl_easy_setopt(easy, CURLOPT_OPENSOCKETFUNCTION, &transfer::on_open);
  ::curl_easy_setopt(easy, CURLOPT_OPENSOCKETDATA, this);
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
  auto is_led_elsewhere = !config_.origin_override.empty();
  auto put = [&](const header_list& entries, const header_list* over) {
    for (const auto& [name, value] : entries) {
      auto lower = to_lower(name);
      if (!is_sendable_header(name, value))
        return false;
      if (is_one_of(own_headers, lower) || (is_led_elsewhere && is_forwarded(lower))
          || (over != nullptr && has_header(*over, lower)))
        continue;
      auto is_secret = is_one_of(secret_headers, lower) || has_header(request_.auth.headers, lower);
      if (!shows_headers_ && is_secret)
        continue;
      // libcurl's way to say "empty value", since "Name:" would remove the header.
      add(value.empty() ? name + ";" : name + ": " + value);
    }
    return true;
  };
  auto good = put(request_.headers, nullptr)
              && (!shows_headers_ || put(request_.auth.headers, &request_.headers));
  // libcurl would call every body a form.
  if (!has_header(request_.headers, "content-type"))
    add("Content-Type:");
  add("Expect:");
  if (is_led_elsewhere) {
    add(std::string{forwarded_host} + ": " + host_and_port_of(request_.url));
    add(std::string{forwarded_proto} + ": " + request_.url.substr(0, request_.url.find(':')));
  }
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
  if (is_too_large_ || code != CURLE_OK) {
    fail_hop(code);
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

void transfer::fail_hop(CURLcode code) {
  if (is_too_large_)
    fail_with("response_too_large",
              "the answer is larger than " + std::to_string(config_.response_bytes_max) + " bytes");
  else if (has_refused_ && !has_admitted_)
    fail_with("ERR_EGRESS_REFUSED", "requests to " + host_and_port_of(request_.url)
                                      + " are refused: its address is not public (setting"
                                        " upstream.allow) or ruled out (upstream.refuse)");
  else
    fail_with(failure_code(code), ::curl_easy_strerror(code));
}

bool transfer::follow(std::string location) {
  if (++redirects_ > redirects_max) {
    fail_with("ERR_FR_TOO_MANY_REDIRECTS", "more than 5 redirects");
    return false;
  }
  auto origin = origin_of(location);
  // A redirect within the origin that stands in for the one that was asked for.
  if (origin && !config_.origin_override.empty() && *origin == origin_of(config_.origin_override)) {
    location = with_origin_of(location, request_.url);
    origin = origin_of(location);
  }
  if (!origin) {
    fail_with("ERR_INVALID_URL", "a redirect to what is not a URL of http or https");
    return false;
  }
  // Once away the credentials stay away, even if a later redirect leads home.
  at_home_ = at_home_ && *origin == origin_;
  auto is_safe = to_lower(request_.url.substr(0, 6)) != "https:"
                 || to_lower(location.substr(0, 6)) == "https:";
  shows_headers_ = shows_headers_ && (at_home_ || (request_.forwards_headers && is_safe));
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

curl_socket_t transfer::on_open(void* self, curlsocktype /*purpose*/, curl_sockaddr* address) {
  return static_cast<transfer*>(self)->open_socket(*address);
}

// Called for each address of a host before libcurl connects to it. A connection that is used again
// was judged when it was opened: it is one to the same host and port.
curl_socket_t transfer::open_socket(const curl_sockaddr& address) {
  if (config_.origin_override.empty()) {
    auto where = address_of(address.addr);
    if (!where || !config_.egress.admits(*where, host_of(request_.url))) {
      has_refused_ = true;
      return CURL_SOCKET_BAD;
    }
  }
  has_admitted_ = true;
  return ::socket(address.family, address.socktype | SOCK_CLOEXEC, address.protocol);
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
  if (my.result_.body.size() + bytes > my.config_.response_bytes_max) {
    my.is_too_large_ = true;
    return 0;
  }
  my.result_.body.append(data, bytes);
  return bytes;
}

} // namespace varia
