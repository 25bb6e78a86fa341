#include "api/dispatcher.hpp"

#include "api/call.hpp"
#include "api/http_metrics.hpp"
#include "core/log_scope.hpp"
#include "core/stopwatch.hpp"
#include "core/text.hpp"
#include "core/time.hpp"

#include <algorithm>
#include <utility>

namespace varia {

namespace {

// What a call without a good key costs the address that it comes from.
constexpr uint64_t stranger_points = 10;

// Keys travel in a header that a page has to name itself, so any page may ask for any header.
http_response preflight(const http_request& request) {
  auto asked = request.headers.find("access-control-request-headers");
  http_response result;
  result.status = 204;
  result.content_type.clear();
  result.headers
    = {{"access-control-allow-methods", "GET,HEAD,PUT,PATCH,POST,DELETE"},
       {"access-control-allow-headers",
        asked == request.headers.end() ? "Authorization, Content-Type" : asked->second},
       {"access-control-max-age", "600"}};
  return result;
}

bool has_json_or_nothing(const http_request& request) {
  auto type = request.headers.find("content-type");
  return type == request.headers.end()
         || to_lower(trim(type->second)).rfind("application/json", 0) == 0;
}

std::string header_of(const http_request& request, const char* name) {
  auto found = request.headers.find(name);
  return found == request.headers.end() ? std::string{} : found->second;
}

void take_trace(http_request& request) {
  auto came = parse_trace(header_of(request, "traceparent"), header_of(request, "tracestate"));
  request.brought_trace = came.has_value();
  request.trace = came ? std::move(*came) : begin_trace();
}

bool is_from_script(const http_request& request) {
  auto mark = request.headers.find("nango-is-script");
  return mark != request.headers.end() && mark->second == "true";
}

// Runs have a budget of their own beside that of the application.
std::string bucket_of(const http_request& request) {
  auto& environment = request.from->environment;
  auto name = environment.empty() ? std::string{"account"} : "environment:" + environment;
  return is_from_script(request) ? name + ":script" : name;
}

std::optional<http_response> refuse_scope(const route& to, const http_request& request) {
  static const std::vector<std::string> everything{"*"};
  auto& wanted = to.facts.scopes.empty() ? everything : to.facts.scopes;
  if (to.needs == access::with_key && request.from->environment.empty())
    return refuse(403, "forbidden", "This API key belongs to no environment");
  if (request.from->may_any(wanted))
    return std::nullopt;
  std::string names;
  for (auto& each : wanted)
    names += (names.empty() ? "" : " or ") + each;
  return refuse(403, "forbidden",
                "Insufficient scope. Required" + std::string{wanted.size() > 1 ? " one of" : ""}
                  + ": " + names);
}

int64_t seconds_up(std::chrono::milliseconds x) {
  return (x.count() + 999) / 1000;
}

void tell(const rate_verdict& x, http_response& to) {
  auto reset = (now_ms() + x.left.count() + 999) / 1000;
  to.headers.emplace_back("x-ratelimit-limit", std::to_string(x.limit));
  to.headers.emplace_back("x-ratelimit-remaining", std::to_string(x.remaining));
  to.headers.emplace_back("x-ratelimit-reset", std::to_string(reset));
}

// An answer that comes later tells of the limit, too.
class told_answer : public deferred_answer {
public:
  told_answer(std::shared_ptr<deferred_answer> inner, http_response limits)
    : inner_{std::move(inner)}, limits_{std::move(limits)} {}

  void begin(std::function<void(http_response)> give) override {
    inner_->begin([give = std::move(give), limits = limits_](http_response response) {
      auto& headers = response.headers;
      headers.insert(headers.end(), limits.headers.begin(), limits.headers.end());
      give(std::move(response));
    });
  }

  void abandon() override { inner_->abandon(); }

private:
  std::shared_ptr<deferred_answer> inner_;
  http_response limits_;
};

// An answer that comes later is counted when it comes. The route outlives it.
class counted_answer : public deferred_answer {
public:
  counted_answer(std::shared_ptr<deferred_answer> inner, const route* to, stopwatch watch)
    : inner_{std::move(inner)}, to_{to}, watch_{watch} {}

  void begin(std::function<void(http_response)> give) override {
    inner_->begin([give = std::move(give), to = to_, watch = watch_](http_response response) {
      count_answer(to, response.status, watch.seconds());
      give(std::move(response));
    });
  }

  void abandon() override { inner_->abandon(); }

private:
  std::shared_ptr<deferred_answer> inner_;
  const route* to_;
  stopwatch watch_;
};

http_response with_limits(http_response response, http_response limits) {
  if (limits.headers.empty())
    return response;
  if (response.deferred)
    response.deferred
      = std::make_shared<told_answer>(std::move(response.deferred), std::move(limits));
  else
    response.headers.insert(response.headers.end(), limits.headers.begin(), limits.headers.end());
  return response;
}

// Whether a route that asks for no key is given one in another way.
bool looks_at_keys(const route& x) {
  auto& errors = x.facts.errors;
  return std::any_of(errors.begin(), errors.end(),
                     [](auto& each) { return each.code == "unknown_account"; });
}

std::unique_ptr<rate_limiter> make_limiter(const api_context& api) {
  if (api.calls_per_minute == 0)
    return nullptr;
  auto shared
    = [stores = api.stores](const std::string& bucket, uint64_t points) -> expected<rate_window> {
    auto db = stores->lend();
    if (!db)
      return std::move(db.error());
    return call_rates{**db}.take(bucket, points, rate_limiter::window);
  };
  return std::make_unique<rate_limiter>(api.calls_per_minute, std::move(shared));
}

} // namespace

dispatcher::dispatcher(const api_context& api, std::vector<route> routes)
  : routes_{std::move(routes)}, keys_{api.keys}, limiter_{make_limiter(api)} {}

http_response dispatcher::answer(http_request& request) {
  if (request.method == "OPTIONS")
    return preflight(request);
  stopwatch watch;
  take_trace(request);
  log_facts subject{{"trace_id", request.trace.trace_id}};
  log_scope scope{subject};
  auto found = find_route(routes_, request);
  auto result = found == nullptr ? refuse(404, "not_found") : answer(*found, request);
  if (result.deferred)
    result.deferred = std::make_shared<counted_answer>(std::move(result.deferred), found, watch);
  else
    count_answer(found, result.status, watch.seconds());
  return result;
}

http_response dispatcher::answer(const route& to, http_request& request) {
  if (to.needs == access::open)
    return answer_openly(to, request);
  if (!to.takes_any_content && !has_json_or_nothing(request))
    return refuse(415, "invalid_content_type", "Content-Type header must be application/json");
  http_response limits;
  if (auto no = refuse_caller(to, request, limits))
    return with_limits(std::move(*no), std::move(limits));
  return with_limits(to.answer(request), std::move(limits));
}

// A wrong key costs as much where a route looks at it.
http_response dispatcher::answer_openly(const route& to, const http_request& request) {
  auto result = to.answer(request);
  http_response unsaid;
  if (result.status == 401 && looks_at_keys(to))
    if (auto late = refuse_rate(request, "address:" + request.peer, stranger_points, unsaid))
      return std::move(*late);
  return result;
}

std::optional<http_response> dispatcher::refuse_caller(const route& to, http_request& request,
                                                       http_response& limits) {
  auto admitted = keys_->admit(request);
  if (auto no = std::get_if<http_response>(&admitted)) {
    // The header is what is wrong; the limit is only told once it is reached.
    http_response unsaid;
    if (no->status == 401)
      if (auto late = refuse_rate(request, "address:" + request.peer, stranger_points, unsaid))
        return late;
    return std::move(*no);
  }
  request.from = std::move(std::get<std::shared_ptr<const caller>>(admitted));
  request.environment = request.from->environment;
  if (auto no = refuse_rate(request, bucket_of(request), 1, limits))
    return no;
  return refuse_scope(to, request);
}

std::optional<http_response> dispatcher::refuse_rate(const http_request& request,
                                                     const std::string& bucket, uint64_t points,
                                                     http_response& limits) {
  if (!limiter_)
    return std::nullopt;
  auto verdict = limiter_->take(bucket, points);
  tell(verdict, limits);
  if (verdict.allowed)
    return std::nullopt;
  auto method = request.is_head ? std::string{"HEAD"} : request.method;
  auto result = json_answer(
    429, {{"error", {{"code", "too_many_request"}, {"method", method}, {"path", request.path}}}});
  result.headers.emplace_back("retry-after",
                              std::to_string(std::max<int64_t>(1, seconds_up(verdict.left))));
  return result;
}

} // namespace varia
