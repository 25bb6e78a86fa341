#include "worker/http_call.hpp"

#include <algorithm>
#include <string_view>
#include <utility>

namespace varia {

namespace {

constexpr int64_t retries_max = 100;

std::vector<std::string> read_texts(const frame_value& list) {
  std::vector<std::string> result;
  for (size_t i = 0; i < list.size(); ++i)
    result.push_back(list.item(i).text());
  return result;
}

header_list read_headers(const frame_value& map) {
  header_list result;
  for (size_t i = 0; i < map.size(); ++i) {
    auto [name, value] = map.entry(i);
    result.emplace_back(name, value.text());
  }
  return result;
}

std::optional<std::string> read_body(const frame_value& args) {
  auto sent = args.at("body").bytes();
  return sent ? std::optional{std::string{*sent}} : std::nullopt;
}

retry_rules read_retry(const frame_value& args) {
  retry_rules result;
  result.retries = std::clamp<int64_t>(args.at("retries").number(), 0, retries_max);
  auto also = args.at("retryOn");
  for (size_t i = 0; i < also.size(); ++i)
    result.also.push_back(also.item(i).number());
  result.wanted.at = read_texts(args.at("retryHeader").at("at"));
  result.wanted.after = read_texts(args.at("retryHeader").at("after"));
  return result;
}

std::string answer_frame(uint32_t run, int64_t seq, const upstream_result& result) {
  frame_writer writer{run, frame_kind::reply};
  writer.map(2).text("seq").number(seq).text("value").map(4);
  writer.text("status").number(result.status).text("headers").map(result.headers.size());
  for (const auto& [name, value] : result.headers)
    writer.text(name).text(value);
  writer.text("body").bytes(result.body).text("url").text(result.url);
  auto bytes = std::move(writer).finish();
  return bytes
           ? std::move(*bytes)
           : make_error_frame(run, seq, "network", "the answer is too large", "response_too_large");
}

std::string failure_frame(uint32_t run, int64_t seq, const upstream_result& result) {
  const auto& code = result.failure;
  if (code == "cancelled")
    return make_error_frame(run, seq, "script_aborted", "the run has ended");
  if (code == "invalid_request")
    return make_error_frame(run, seq, "invalid", result.message);
  if (code == "invalid_credentials" || code == "connection_refresh_backoff")
    return make_error_frame(run, seq, "invalid_credentials", result.message, code);
  if (code == "unavailable" || code == "not_found")
    return make_error_frame(run, seq, code, result.message);
  return make_error_frame(run, seq, "network", result.message, code);
}

} // namespace

provider_order read_order(const frame_value& args) {
  provider_order result;
  result.method = args.at("method").text();
  result.url = args.at("url").text();
  result.base_url_override = args.at("baseUrlOverride").text();
  result.headers = read_headers(args.at("headers"));
  result.body = read_body(args);
  result.retry = read_retry(args);
  result.decompresses = args.at("decompress").is_nil() || args.at("decompress").flag();
  result.forwards_headers = args.at("forwardHeadersOnRedirect").flag();
  return result;
}

upstream_request read_fetch(const frame_value& args) {
  upstream_request result;
  result.method = args.at("method").text();
  result.url = args.at("url").text();
  result.headers = read_headers(args.at("headers"));
  result.body = read_body(args);
  return result;
}

upstream::handler answer_with_result(std::shared_ptr<call_host> host, uint32_t run, int64_t seq) {
  return [host = std::move(host), run, seq](const upstream_result& x) {
    if (host->is_stopped() || !x.failure.empty()) {
      auto failed = x;
      if (host->is_stopped())
        failed.failure = "cancelled";
      return host->answer(failure_frame(run, seq, failed));
    }
    host->answer(answer_frame(run, seq, x));
  };
}

std::string make_error_frame(uint32_t run, int64_t seq, const std::string& type,
                             const std::string& message, const std::string& code) {
  frame_writer writer{run, frame_kind::error};
  writer.map(code.empty() ? 3 : 4).text("seq").number(seq).text("type").text(type);
  writer.text("message").text(message.substr(0, 10000));
  if (!code.empty())
    writer.text("code").text(code);
  auto bytes = std::move(writer).finish();
  return bytes ? std::move(*bytes) : std::string{};
}

} // namespace varia
