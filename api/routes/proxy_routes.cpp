#include "api/routes/proxy_routes.hpp"

#include "api/provider_access.hpp"
#include "core/text.hpp"
#include "store/connections.hpp"
#include "store/integrations.hpp"
#include "upstream/trace_headers.hpp"
#include "upstream/url.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <chrono>
#include <variant>

namespace varia {

namespace {

constexpr std::chrono::seconds budget_wait_max{60};

constexpr double retries_max = 100;
constexpr size_t statuses_max = 32;
constexpr std::string_view root = "/proxy";
constexpr std::string_view passed_on_prefix = "nango-proxy-";

// What a client gets to see of a provider's headers.
constexpr std::array<std::string_view, 14> shown_headers{
  "content-disposition", "content-encoding", "content-language", "request-id",
  "x-request-id",        "x-requestid",      "correlation-id",   "x-correlation-id",
  "x-amzn-requestid",    "x-amz-request-id", "x-ms-request-id",  "x-github-request-id",
  "x-trace-id",          "traceparent"};

// The client sends what it has no value for as an empty header.
std::string header_of(const http_request& x, const std::string& name) {
  auto found = x.headers.find(name);
  return found == x.headers.end() ? std::string{} : std::string{trim(found->second)};
}

std::optional<http_response> refuse_headers(const http_request& x) {
  static const auto flag = one_of({"true", "false"});
  static const auto rules = object({{"provider-config-key", provider_config_key()},
                                    {"connection-id", connection_id()},
                                    {"retries", optional(number_text(0, retries_max))},
                                    {"retry-on", optional(comma_list_of(number_text(100, 599)))},
                                    {"base-url-override", optional(text({is_url()}))},
                                    {"decompress", optional(flag)},
                                    {"forward-headers-on-redirect", optional(flag)}},
                                   other_keys::ignored);
  auto values = json::object();
  for (auto& [name, value] : x.headers)
    if (auto given = header_of(x, name); !given.empty())
      values[name] = std::move(given);
  auto found = check(rules, &values);
  if (found.empty())
    return std::nullopt;
  if (found.front().path == json_path{"base-url-override"})
    return refuse(400, "base_url_override_not_allowed", "The base URL override is no URL");
  return refuse_issues("invalid_headers", found);
}

int64_t number_of(const std::string& text) {
  int64_t result = 0;
  auto digits = trim(text);
  std::from_chars(digits.data(), digits.data() + digits.size(), result);
  return result;
}

header_list passed_on(const http_request& x) {
  header_list result;
  for (auto& [name, value] : x.headers)
    if (name.size() > passed_on_prefix.size() && name.rfind(passed_on_prefix, 0) == 0)
      result.emplace_back(name.substr(passed_on_prefix.size()), value);
  auto has_type = std::any_of(result.begin(), result.end(),
                              [](auto& entry) { return entry.first == "content-type"; });
  if (auto type = header_of(x, "content-type"); !has_type && !type.empty() && !x.body.empty())
    result.emplace_back("content-type", type);
  return result;
}

// The path of the provider as it was written, or a URL of its own.
std::string endpoint_of(const http_request& x) {
  auto rest = x.target.substr(root.size());
  auto bare = rest.substr(std::min(rest.find_first_not_of('/'), rest.size()));
  return is_absolute_url(bare) ? bare : rest;
}

provider_order order_of(const http_request& x) {
  provider_order result;
  result.method = x.is_head ? "HEAD" : x.method;
  result.url = endpoint_of(x);
  result.base_url_override = header_of(x, "base-url-override");
  result.headers = passed_on(x);
  if (x.brought_trace)
    add_trace(result.headers, x.trace);
  if (!x.body.empty())
    result.body = x.body;
  result.retry.retries = number_of(header_of(x, "retries"));
  if (auto also = header_of(x, "retry-on"); !also.empty())
    for (auto& status : split(also, ','))
      if (result.retry.also.size() < statuses_max)
        result.retry.also.push_back(number_of(status));
  result.decompresses = header_of(x, "decompress") != "false";
  result.forwards_headers = header_of(x, "forward-headers-on-redirect") == "true";
  // All applications together have one share of the connection's budget, as a variant has.
  result.variant = "proxy";
  result.budget_wait_max = budget_wait_max;
  return result;
}

http_response pass_back(upstream_result x, bool decompressed) {
  http_response result;
  result.status = x.status;
  result.body = std::move(x.body);
  result.content_type.clear();
  for (auto& [name, value] : x.headers) {
    if (name == "content-type")
      result.content_type = value;
    else if (std::find(shown_headers.begin(), shown_headers.end(), name) != shown_headers.end()
             && !(decompressed && name == "content-encoding"))
      result.headers.emplace_back(name, value);
  }
  return result;
}

/// One of the requests that may be under way at once, as long as it lives.
class proxy_place {
public:
  static std::shared_ptr<proxy_place> take(provider_access& outside) {
    if (outside.calls.fetch_add(1) < outside.calls_max)
      return std::shared_ptr<proxy_place>{new proxy_place{outside}};
    --outside.calls;
    return nullptr;
  }

  ~proxy_place() { --outside_.calls; }
  proxy_place(const proxy_place&) = delete;
  proxy_place& operator=(const proxy_place&) = delete;

private:
  explicit proxy_place(provider_access& outside) : outside_{outside} {}

  provider_access& outside_;
};

class proxied_answer : public once_answer, public std::enable_shared_from_this<proxied_answer> {
public:
  proxied_answer(provider_access& outside, std::shared_ptr<proxy_place> place,
                 provider_target target, provider_order order)
    : outside_{outside}, place_{std::move(place)}, target_{std::move(target)},
      order_{std::move(order)}, owner_{++outside_.last_owner}, chooses_host_{
                                                                 !order_.base_url_override.empty()
                                                                 || is_absolute_url(order_.url)} {}

  void abandon() override {
    is_abandoned_ = true;
    outside_.out.cancel(owner_);
    once_answer::abandon();
  }

protected:
  void start() override {
    order_.owner = owner_;
    auto decompressed = order_.decompresses;
    request_hooks hooks;
    hooks.is_given_up = [self = shared_from_this()] { return self->is_abandoned_.load(); };
    start_provider_request(outside_.out, outside_.tokens, std::move(target_), std::move(order_),
                           std::move(hooks),
                           [self = shared_from_this(), decompressed](upstream_result x) {
                             self->take(std::move(x), decompressed);
                           });
  }

private:
  void take(upstream_result x, bool decompressed) {
    place_.reset();
    if (x.failure == "ERR_EGRESS_REFUSED" && chooses_host_)
      return give(refuse(400, "base_url_override_not_allowed", x.message));
    give(x.failure.empty() ? pass_back(std::move(x), decompressed)
                           : refuse_failure(x.failure, x.message));
  }

  provider_access& outside_;
  std::shared_ptr<proxy_place> place_;
  provider_target target_;
  provider_order order_;
  uint64_t owner_;
  bool chooses_host_;
  std::atomic<bool> is_abandoned_{false};
};

expected<std::variant<provider_target, http_response>> find_target(redis& db,
                                                                   const http_request& x) {
  using found = std::variant<provider_target, http_response>;
  auto key = header_of(x, "provider-config-key");
  auto id = header_of(x, "connection-id");
  auto of = integrations{db}.find(x.environment, key);
  if (!of)
    return std::move(of.error());
  if (!*of)
    return found{refuse(400, "unknown_provider_config", "Integration does not exist")};
  auto link = connections{db}.find(x.environment, key, id);
  if (!link)
    return std::move(link.error());
  if (!*link)
    return found{refuse_in_old_form(400, "unknown_connection", "Failed to find connection",
                                    {{"connectionId", id}, {"providerConfigKey", key}})};
  auto rules = read_provider_rules(**of);
  if (!rules)
    return found{refuse(400, "invalid_request", detail_of(rules.error()))};
  return found{provider_target{std::move(**link), std::move(*rules)}};
}

http_response answer(const api_context& api, const http_request& x) {
  if (auto no = refuse_headers(x))
    return std::move(*no);
  auto place = proxy_place::take(*api.outside);
  if (!place)
    return refuse_failure("unavailable", {});
  auto db = api.stores->lend();
  if (!db)
    return refuse_error(db.error());
  auto target = find_target(**db, x);
  if (!target)
    return refuse_error(target.error());
  if (auto no = std::get_if<http_response>(&*target))
    return std::move(*no);
  http_response result;
  result.deferred = std::make_shared<proxied_answer>(
    *api.outside, std::move(place), std::move(std::get<provider_target>(*target)), order_of(x));
  return result;
}

} // namespace

std::vector<route> proxy_routes(const api_context& api) {
  auto handle = [api](const http_request& x) { return answer(api, x); };
  std::vector<route> result;
  for (auto path : {"/proxy", "/proxy/*"}) {
    route each{"*", path, handle, access::with_key, true};
    each.facts = route_facts{"Passes a request on to the provider of a connection"}
                   .scope("environment:proxy")
                   .answers(200, {})
                   .fails(400, "invalid_headers")
                   .fails(400, "unknown_provider_config")
                   .fails(400, "unknown_connection")
                   .fails(400, "base_url_override_not_allowed")
                   .fails(400, "invalid_request")
                   .fails(500, "server_error");
    result.push_back(std::move(each));
  }
  return result;
}

} // namespace varia
