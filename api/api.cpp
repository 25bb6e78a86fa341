#include "api/api.hpp"

#include "api/action_routes.hpp"
#include "api/admin_routes.hpp"
#include "api/auth.hpp"
#include "api/budget_routes.hpp"
#include "api/cluster_routes.hpp"
#include "api/connection_routes.hpp"
#include "api/deploy_routes.hpp"
#include "api/environment_routes.hpp"
#include "api/event_routes.hpp"
#include "api/function_routes.hpp"
#include "api/integration_routes.hpp"
#include "api/metadata_routes.hpp"
#include "api/overlap_routes.hpp"
#include "api/provider_routes.hpp"
#include "api/proxy_routes.hpp"
#include "api/record_routes.hpp"
#include "api/sync_routes.hpp"
#include "api/variant_routes.hpp"
#include "core/text.hpp"

#include <exception>
#include <memory>
#include <string>
#include <utility>

namespace varia {

namespace {

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

http_response dispatch(const std::vector<route>& routes, authenticator& keys,
                       http_request& request) {
  if (request.method == "OPTIONS")
    return preflight(request);
  auto found = find_route(routes, request);
  if (found == nullptr)
    return refuse(404, "not_found");
  if (found->needs == access::with_key) {
    if (!found->takes_any_content && !has_json_or_nothing(request))
      return refuse(415, "invalid_content_type", "Content-Type header must be application/json");
    auto admitted = keys.admit(request);
    if (auto no = std::get_if<http_response>(&admitted))
      return std::move(*no);
    request.environment = std::move(std::get<std::string>(admitted));
  }
  return found->answer(request);
}

void add_constant_headers(http_response& response) {
  response.headers.insert(response.headers.end(),
                          {{"access-control-allow-origin", "*"},
                           {"access-control-expose-headers",
                            "Authorization, Etag, Content-Type, Content-Length, X-RateLimit-Limit, "
                            "X-RateLimit-Remaining, X-RateLimit-Reset"},
                           {"x-content-type-options", "nosniff"},
                           {"x-frame-options", "SAMEORIGIN"},
                           {"referrer-policy", "strict-origin"}});
}

// An answer that comes later has them, too.
class with_constant_headers : public deferred_answer {
public:
  explicit with_constant_headers(std::shared_ptr<deferred_answer> inner)
    : inner_{std::move(inner)} {}

  void begin(std::function<void(http_response)> give) override {
    inner_->begin([give = std::move(give)](http_response response) {
      add_constant_headers(response);
      give(std::move(response));
    });
  }

  void abandon() override { inner_->abandon(); }

private:
  std::shared_ptr<deferred_answer> inner_;
};

} // namespace

std::vector<route> all_routes(const api_context& api) {
  std::vector<route> result;
  // The routes of the metadata come before those of the connections, which would take "metadata"
  // for the name of one.
  for (auto part : {action_routes, admin_routes, cluster_routes, budget_routes, overlap_routes,
                    variant_routes, sync_routes, record_routes, metadata_routes, connection_routes,
                    function_routes, integration_routes, deploy_routes, environment_routes,
                    event_routes, provider_routes, proxy_routes})
    for (auto& each : part(api))
      result.push_back(std::move(each));
  return result;
}

std::function<http_response(http_request)> make_handler(const api_context& api) {
  auto routes = std::make_shared<const std::vector<route>>(all_routes(api));
  auto keys = std::make_shared<authenticator>(api.stores);
  return [routes, keys](http_request request) {
    http_response result;
    try {
      result = dispatch(*routes, *keys, request);
    } catch (const std::exception& why) {
      result = refuse_fault(why.what());
    }
    if (result.deferred)
      result.deferred = std::make_shared<with_constant_headers>(std::move(result.deferred));
    else
      add_constant_headers(result);
    return result;
  };
}

} // namespace varia
