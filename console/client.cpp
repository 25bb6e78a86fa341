#include "console/client.hpp"

#include "console/interrupt.hpp"

#include <curl/curl.h>

#include <memory>
#include <set>
#include <string>
#include <utility>

namespace varia {

namespace {

constexpr size_t answer_bytes_max = size_t{64} * 1024 * 1024;

constexpr size_t words_max = 2000;

using curl_handle = std::unique_ptr<CURL, decltype(&curl_easy_cleanup)>;
using curl_lines = std::unique_ptr<curl_slist, decltype(&curl_slist_free_all)>;

size_t append(char* bytes, size_t size, size_t count, void* to) {
  auto& body = *static_cast<std::string*>(to);
  auto length = size * count;
  if (length > answer_bytes_max - body.size())
    return 0;
  body.append(bytes, length);
  return length;
}

// Ends a request when Ctrl-C comes.
int progress(void*, curl_off_t, curl_off_t, curl_off_t, curl_off_t) {
  return is_interrupted() ? 1 : 0;
}

bool is_header_value(const std::string& text) {
  return text.find_first_of("\r\n") == std::string::npos;
}

curl_lines make_headers(const client_config& config) {
  auto add = [](curl_slist* list, const std::string& line) {
    return curl_slist_append(list, line.c_str());
  };
  auto list = add(nullptr, "Content-Type: application/json");
  // Without this, curl waits for a "100 Continue" before it sends a large body.
  list = add(list, "Expect:");
  if (!config.api_key.empty())
    list = add(list, "Authorization: Bearer " + config.api_key);
  return {list, curl_slist_free_all};
}

// A proxy on the way to this very machine would find another one.
bool is_loopback(const std::string& url) {
  for (auto host : {"://127.", "://localhost", "://[::1]"})
    if (url.find(host) != std::string::npos)
      return true;
  return false;
}

// The words in the error envelope of the API, or else the start of the answer.
std::string words_of(const std::string& body) {
  auto json = nlohmann::json::parse(body, nullptr, false);
  if (json.is_object() && json.contains("error") && json["error"].is_object()) {
    auto& error = json["error"];
    std::string words;
    for (auto field : {"code", "message"})
      if (error.contains(field) && error[field].is_string())
        words += (words.empty() ? "" : ": ") + error[field].get<std::string>();
    for (auto field : {"errors", "payload"})
      if (error.contains(field))
        words += "\n" + error[field].dump(2);
    return words.substr(0, words_max);
  }
  return body.substr(0, words_max);
}

} // namespace

client::client(client_config config) : config_{std::move(config)} {
  while (!config_.url.empty() && config_.url.back() == '/')
    config_.url.pop_back();
}

expected<client_answer> client::get(const std::string& path) const {
  return request(path, nullptr);
}

expected<client_answer> client::post(const std::string& path, const std::string& body) const {
  return request(path, &body);
}

expected<nlohmann::ordered_json> client::get_json(const std::string& path) const {
  auto answer = get(path);
  if (!answer)
    return answer.error();
  return parse_answer(*answer);
}

expected<nlohmann::ordered_json> client::post_json(const std::string& path,
                                                   const std::string& body) const {
  auto answer = post(path, body);
  if (!answer)
    return answer.error();
  return parse_answer(*answer);
}

expected<nlohmann::ordered_json> client::send_json(const std::string& method,
                                                   const std::string& path,
                                                   const std::string& body) const {
  auto answer = request(path, body.empty() ? nullptr : &body, method);
  if (!answer)
    return answer.error();
  return parse_answer(*answer);
}

expected<client_answer> client::request(const std::string& path, const std::string* body,
                                        const std::string& method) const {
  static const auto ready = curl_global_init(CURL_GLOBAL_DEFAULT);
  curl_handle curl{curl_easy_init(), curl_easy_cleanup};
  if (ready != CURLE_OK || !curl)
    return fail(errc::internal, "libcurl cannot be used");
  if (!is_header_value(config_.api_key))
    return fail(errc::invalid, "the API key is not on one line");
  client_answer answer;
  auto headers = make_headers(config_);
  auto url = config_.url + path;
  auto set = [&curl](CURLoption option, auto value) {
    return curl_easy_setopt(curl.get(), option, value);
  };
  set(CURLOPT_URL, url.c_str());
  set(CURLOPT_PROTOCOLS_STR, "http,https");
  set(CURLOPT_HTTPHEADER, headers.get());
  set(CURLOPT_TIMEOUT_MS, static_cast<long>(config_.timeout.count()));
  set(CURLOPT_NOSIGNAL, 1L);
  set(CURLOPT_USERAGENT, "varia-console");
  set(CURLOPT_WRITEFUNCTION, &append);
  set(CURLOPT_WRITEDATA, &answer.body);
  set(CURLOPT_XFERINFOFUNCTION, &progress);
  set(CURLOPT_NOPROGRESS, 0L);
  if (is_loopback(url))
    set(CURLOPT_PROXY, "");
  if (body != nullptr) {
    set(CURLOPT_POSTFIELDSIZE_LARGE, static_cast<curl_off_t>(body->size()));
    set(CURLOPT_POSTFIELDS, body->data());
  }
  if (!method.empty())
    set(CURLOPT_CUSTOMREQUEST, method.c_str());
  switch (auto code = curl_easy_perform(curl.get()); code) {
    case CURLE_OK: break;
    case CURLE_ABORTED_BY_CALLBACK: return fail(errc::cancelled, "interrupted");
    case CURLE_URL_MALFORMAT:
    case CURLE_UNSUPPORTED_PROTOCOL: return fail(errc::invalid, "not the URL of a server");
    case CURLE_WRITE_ERROR:
      return fail(errc::unavailable, config_.url + ": the answer is too large");
    default: return fail(errc::unavailable, config_.url + ": " + curl_easy_strerror(code));
  }
  curl_easy_getinfo(curl.get(), CURLINFO_RESPONSE_CODE, &answer.status);
  return answer;
}

namespace {

bool ends_with(const std::string& text, const std::string& end) {
  return text.size() >= end.size() && text.compare(text.size() - end.size(), end.size(), end) == 0;
}

// Some refusals of the contract have the status of a wrong request whatever they mean.
errc code_of_refusal(long status, const std::string& code) {
  static const std::set<std::string> unknown{
    "unknown_connection", "unknown_sync", "unknown_provider_config", "no_syncs_found", "not_found"};
  static const std::set<std::string> limits{"resource_capped", "limit_below_use", "deletion_guard"};
  if (status == 429 || status >= 500)
    return status == 500 ? errc::invalid : errc::unavailable;
  if (status == 404 || unknown.count(code) > 0)
    return errc::not_found;
  if (limits.count(code) > 0)
    return errc::full;
  return status == 409 || ends_with(code, "_already_exists") ? errc::conflict : errc::invalid;
}

std::string code_in(const std::string& body) {
  auto json = nlohmann::json::parse(body, nullptr, false);
  auto code = nlohmann::json::json_pointer{"/error/code"};
  return json.is_object() && json.contains(code) && json[code].is_string()
           ? json[code].get<std::string>()
           : "";
}

} // namespace

expected<nlohmann::ordered_json> parse_answer(const client_answer& answer) {
  if (answer.status == 401)
    return fail(errc::invalid, "the server does not accept the API key (401)");
  if (answer.status < 200 || answer.status > 299)
    return fail(code_of_refusal(answer.status, code_in(answer.body)),
                "the server says: " + words_of(answer.body) + " (" + std::to_string(answer.status)
                  + ")");
  if (answer.status == 204 && answer.body.empty())
    return nlohmann::ordered_json::object();
  auto json = nlohmann::ordered_json::parse(answer.body, nullptr, false);
  if (json.is_discarded())
    return fail(errc::unavailable, "the server's answer is not JSON");
  return json;
}

std::string percent_encode(const std::string& text) {
  std::unique_ptr<char, void (*)(void*)> encoded{
    curl_easy_escape(nullptr, text.data(), static_cast<int>(text.size())), curl_free};
  return encoded ? encoded.get() : std::string{};
}

} // namespace varia
