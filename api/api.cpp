#include "api/api.hpp"

#include "api/account_routes.hpp"
#include "api/action_routes.hpp"
#include "api/admin_routes.hpp"
#include "api/auth.hpp"
#include "api/backup_routes.hpp"
#include "api/budget_routes.hpp"
#include "api/checkpoint_routes.hpp"
#include "api/cluster_routes.hpp"
#include "api/connection_routes.hpp"
#include "api/deploy_routes.hpp"
#include "api/dispatcher.hpp"
#include "api/doctor_routes.hpp"
#include "api/environment_routes.hpp"
#include "api/event_routes.hpp"
#include "api/function_routes.hpp"
#include "api/health_routes.hpp"
#include "api/incoming_routes.hpp"
#include "api/incoming_rule_routes.hpp"
#include "api/integration_routes.hpp"
#include "api/log_level_routes.hpp"
#include "api/metadata_routes.hpp"
#include "api/openapi.hpp"
#include "api/operator_routes.hpp"
#include "api/overlap_routes.hpp"
#include "api/partition_routes.hpp"
#include "api/provider_routes.hpp"
#include "api/proxy_routes.hpp"
#include "api/record_routes.hpp"
#include "api/schedule_routes.hpp"
#include "api/sync_routes.hpp"
#include "api/variant_list_routes.hpp"
#include "api/variant_routes.hpp"
#include "api/variant_set_routes.hpp"
#include "api/variant_show_routes.hpp"
#include "api/webhook_routes.hpp"

#include <exception>
#include <memory>
#include <string>
#include <utility>

namespace varia {

namespace {

void add_constant_headers(http_response& response) {
  response.headers.insert(response.headers.end(),
                          {{"access-control-allow-origin", "*"},
                           {"access-control-expose-headers",
                            "Authorization, Etag, Content-Type, Content-Length, "
                            "X-Nango-Signature, X-RateLimit-Limit, X-RateLimit-Remaining, "
                            "X-RateLimit-Reset"},
                           {"x-xss-protection", "0"},
                           {"x-download-options", "noopen"},
                           {"x-dns-prefetch-control", "off"},
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
  for (auto part :
       {health_routes,        log_level_routes,    account_routes,     action_routes,
        admin_routes,         operator_routes,     cluster_routes,     budget_routes,
        overlap_routes,       variant_routes,      variant_set_routes, variant_list_routes,
        partition_routes,     sync_routes,         record_routes,      metadata_routes,
        connection_routes,    function_routes,     integration_routes, deploy_routes,
        environment_routes,   event_routes,        schedule_routes,    webhook_routes,
        incoming_rule_routes, incoming_routes,     provider_routes,    proxy_routes,
        checkpoint_routes,    variant_show_routes, doctor_routes,      backup_routes})
    for (auto& each : part(api))
      result.push_back(std::move(each));
  for (auto& each : openapi_routes())
    result.push_back(std::move(each));
  return result;
}

std::function<http_response(http_request)> make_handler(const api_context& api) {
  auto shared = api;
  shared.keys = std::make_shared<authenticator>(api.stores);
  auto dispatch = std::make_shared<dispatcher>(shared, all_routes(shared));
  return [dispatch](http_request request) {
    http_response result;
    try {
      result = dispatch->answer(request);
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
