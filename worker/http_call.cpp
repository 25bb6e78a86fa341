#include "worker/http_call.hpp"

#include "core/time.hpp"
#include "worker/frame.hpp"

#include <algorithm>
#include <array>
#include <string_view>
#include <utility>

namespace varia {

namespace {

// Failures of the request itself or of its size: the next one would end the same way.
constexpr std::array<std::string_view, 5> final_failures{
  "response_too_large", "ERR_INVALID_URL", "ERR_INVALID_HEADER", "ERR_FR_TOO_MANY_REDIRECTS",
  "ERR_EGRESS_REFUSED"};

class http_call : public std::enable_shared_from_this<http_call> {
public:
  http_call(std::shared_ptr<call_host> host, upstream& out, http_plan plan)
    : host_{std::move(host)}, out_{out}, plan_{std::move(plan)} {}

  void send(milliseconds delay) {
    auto request = plan_.request;
    request.delay = delay;
    out_.send(std::move(request), [self = shared_from_this()](upstream_result result) {
      self->take(std::move(result));
    });
  }

private:
  void take(upstream_result result) {
    if (result.failure == "cancelled" || host_->is_stopped())
      return refuse("script_aborted", "the run has ended");
    if (auto wait = pause_asked(plan_.retry, result.status, result.headers, now_ms()))
      out_.pause(plan_.request.rate_key, *wait,
                 "the provider answered " + std::to_string(result.status));
    if (attempt_ >= plan_.retry.retries || !is_worth_repeating(result))
      return answer(result);
    auto wait = retry_wait(plan_.retry, attempt_, result.status, result.headers, now_ms());
    ++attempt_;
    if (result.status != 401)
      return send(wait);
    host_->post([self = shared_from_this(), wait, result = std::move(result)]() mutable {
      self->renew(wait, std::move(result));
    });
  }

  bool is_worth_repeating(const upstream_result& result) const {
    if (result.failure.empty())
      return is_retried(plan_.retry, result.status);
    return std::find(final_failures.begin(), final_failures.end(), result.failure)
           == final_failures.end();
  }

  // The first 401 may come of credentials that were changed a moment ago, later ones only if they
  // were changed since.
  void renew(milliseconds wait, upstream_result result) {
    auto auth = plan_.renew_auth();
    if (host_->is_stopped())
      return refuse("script_aborted", "the run has ended");
    auto is_same
      = !auth
        || (auth->headers == plan_.request.auth.headers && auth->query == plan_.request.auth.query);
    if (is_same && std::exchange(is_refused_before_, true))
      return answer(result);
    if (!is_same)
      plan_.request.auth = std::move(*auth);
    is_refused_before_ = true;
    send(wait);
  }

  void answer(const upstream_result& result) {
    if (!result.failure.empty())
      return refuse("network", result.message, result.failure);
    frame_writer writer{plan_.run, frame_kind::reply};
    writer.map(2).text("seq").number(plan_.seq).text("value").map(4);
    writer.text("status").number(result.status).text("headers").map(result.headers.size());
    for (const auto& [name, value] : result.headers)
      writer.text(name).text(value);
    writer.text("body").bytes(result.body).text("url").text(result.url);
    auto bytes = std::move(writer).finish();
    if (!bytes)
      return refuse("network", "the answer is too large", "response_too_large");
    host_->answer(std::move(*bytes));
  }

  void refuse(const std::string& type, const std::string& message, const std::string& code = {}) {
    host_->answer(make_error_frame(plan_.run, plan_.seq, type, message, code));
  }

  std::shared_ptr<call_host> host_;
  upstream& out_;
  http_plan plan_;
  int attempt_ = 0;
  bool is_refused_before_ = false;
};

} // namespace

void start_http_call(std::shared_ptr<call_host> host, upstream& out, http_plan plan) {
  std::make_shared<http_call>(std::move(host), out, std::move(plan))->send(milliseconds{0});
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
