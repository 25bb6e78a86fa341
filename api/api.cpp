#include "api/api.hpp"

#include "api/auth.hpp"
#include "api/dispatcher.hpp"
#include "api/openapi.hpp"
#include "api/routes/account_routes.hpp"
#include "api/routes/action_routes.hpp"
#include "api/routes/admin_routes.hpp"
#include "api/routes/backup_routes.hpp"
#include "api/routes/budget_routes.hpp"
#include "api/routes/checkpoint_routes.hpp"
#include "api/routes/cluster_routes.hpp"
#include "api/routes/connection_routes.hpp"
#include "api/routes/dashboard_routes.hpp"
#include "api/routes/deploy_routes.hpp"
#include "api/routes/doctor_routes.hpp"
#include "api/routes/environment_routes.hpp"
#include "api/routes/event_routes.hpp"
#include "api/routes/function_routes.hpp"
#include "api/routes/health_routes.hpp"
#include "api/routes/incoming_routes.hpp"
#include "api/routes/incoming_rule_routes.hpp"
#include "api/routes/integration_routes.hpp"
#include "api/routes/live_routes.hpp"
#include "api/routes/log_level_routes.hpp"
#include "api/routes/metadata_routes.hpp"
#include "api/routes/operator_routes.hpp"
#include "api/routes/overlap_routes.hpp"
#include "api/routes/overview_routes.hpp"
#include "api/routes/partition_routes.hpp"
#include "api/routes/provider_routes.hpp"
#include "api/routes/proxy_routes.hpp"
#include "api/routes/record_browse_routes.hpp"
#include "api/routes/record_routes.hpp"
#include "api/routes/schedule_routes.hpp"
#include "api/routes/session_routes.hpp"
#include "api/routes/sync_routes.hpp"
#include "api/routes/variant_list_routes.hpp"
#include "api/routes/variant_routes.hpp"
#include "api/routes/variant_set_routes.hpp"
#include "api/routes/variant_show_routes.hpp"
#include "api/routes/webhook_routes.hpp"

#include <algorithm>
#include <exception>
#include <memory>
#include <string>
#include <utility>

namespace varia {

namespace {

using header_list = std::vector<std::pair<std::string, std::string>>;

const header_list safe_headers{
  {"x-xss-protection", "0"},         {"x-download-options", "noopen"},
  {"x-dns-prefetch-control", "off"}, {"x-content-type-options", "nosniff"},
  {"x-frame-options", "SAMEORIGIN"}, {"referrer-policy", "strict-origin"}};

const header_list shared_headers{
  {"access-control-allow-origin", "*"},
  {"access-control-expose-headers",
   "Authorization, Etag, Content-Type, Content-Length, X-Nango-Signature, X-RateLimit-Limit, "
   "X-RateLimit-Remaining, X-RateLimit-Reset"}};

void add_headers(http_response& response, const header_list& all) {
  for (auto& each : all) {
    auto& known = response.headers;
    auto is_same = [&](auto& x) { return x.first == each.first; };
    if (std::none_of(known.begin(), known.end(), is_same))
      known.push_back(each);
  }
}

// What a browser gets by its session is for our own pages alone.
void add_constant_headers(http_response& response, bool is_for_own_page) {
  if (!is_for_own_page)
    add_headers(response, shared_headers);
  add_headers(response, safe_headers);
}

// An answer that comes later has them, too.
class with_constant_headers : public deferred_answer {
public:
  with_constant_headers(std::shared_ptr<deferred_answer> inner, bool is_for_own_page)
    : inner_{std::move(inner)}, is_for_own_page_{is_for_own_page} {}

  void begin(std::function<void(http_response)> give) override {
    inner_->begin([give = std::move(give), own = is_for_own_page_](http_response response) {
      add_constant_headers(response, own);
      give(std::move(response));
    });
  }

  void abandon() override { inner_->abandon(); }

private:
  std::shared_ptr<deferred_answer> inner_;
  bool is_for_own_page_;
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
        checkpoint_routes,    variant_show_routes, doctor_routes,      backup_routes,
        dashboard_routes,     session_routes,      overview_routes,    record_browse_routes,
        live_routes})
    for (auto& each : part(api))
      result.push_back(std::move(each));
  for (auto& each : openapi_routes())
    result.push_back(std::move(each));
  return result;
}

std::function<http_response(http_request)> make_handler(const api_context& api) {
  auto shared = api;
  shared.keys = std::make_shared<authenticator>(api.stores, api.dashboard);
  auto dispatch = std::make_shared<dispatcher>(shared, all_routes(shared));
  return [dispatch](http_request request) {
    http_response result;
    auto is_for_own_page = is_by_session(request);
    try {
      result = dispatch->answer(request);
    } catch (const std::exception& why) {
      result = refuse_fault(why.what());
    }
    if (result.deferred)
      result.deferred
        = std::make_shared<with_constant_headers>(std::move(result.deferred), is_for_own_page);
    else
      add_constant_headers(result, is_for_own_page);
    return result;
  };
}

} // namespace varia
