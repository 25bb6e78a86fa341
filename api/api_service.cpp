#include "api/api_service.hpp"

#include "api/action_access.hpp"
#include "api/api.hpp"
#include "api/ask_coordinator.hpp"
#include "api/incoming_desk.hpp"
#include "api/live/live_desk.hpp"
#include "api/process_facts.hpp"
#include "api/provider_access.hpp"
#include "api/server/server.hpp"
#include "api/webhook_deliverer.hpp"
#include "store/store_settings.hpp"
#include "upstream/upstream_settings.hpp"

#include <algorithm>
#include <fstream>
#include <iterator>
#include <memory>
#include <string>
#include <utility>

namespace varia {

namespace {

expected<providers> load_catalogue(const std::string& file) {
  if (file.empty())
    return providers::load();
  std::ifstream stream{file};
  if (!stream)
    return fail(errc::not_found, file + ": cannot be read (setting catalogue.providers)");
  std::string more{std::istreambuf_iterator<char>{stream}, {}};
  return providers::load(more);
}

action_rules action_rules_of(const settings& x) {
  action_rules result{x.actions.run_limit, x.actions.keep_for, {}};
  result.limits.all_max = x.actions.waiting_max;
  return result;
}

server_config server_config_of(const settings& x) {
  server_config result;
  result.host = x.http.listen.host;
  result.port = x.http.listen.port;
  result.threads = x.http.threads;
  result.body_bytes_max = x.http.body_bytes_max;
  result.request_timeout = x.http.request_timeout;
  return result;
}

deliverer_config deliverer_config_of(const settings& x, const redis_config& store,
                                     upstream_config way_out) {
  deliverer_config result;
  result.store = store;
  way_out.timeout = x.webhooks.timeout;
  result.way_out = std::move(way_out);
  result.rules = {static_cast<int>(x.webhooks.tries_max), x.webhooks.first_wait,
                  x.webhooks.longest_wait, x.webhooks.age_max};
  // Five redirects may take as long each.
  result.claim_for = std::max(result.claim_for, 3 * x.webhooks.timeout);
  return result;
}

metrics_access metrics_access_of(const std::string& word) {
  if (word == "open")
    return metrics_access::open;
  return word == "off" ? metrics_access::off : metrics_access::with_key;
}

std::string public_url(const settings& x) {
  if (!x.http.public_url.empty())
    return x.http.public_url;
  return "http://" + x.http.listen.host + ":" + std::to_string(x.http.listen.port);
}

} // namespace

api_service make_api_service(const settings& x, const coordinator_actor& coordinator) {
  auto catalogue = load_catalogue(x.catalogue.providers);
  if (!catalogue)
    return {[why = catalogue.error()] { return expected<void>{why}; }, [] {}};
  auto store = store_config_of(x);
  auto feed = record_feed::make(store);
  if (!feed)
    return {[why = feed.error()] { return expected<void>{why}; }, [] {}};
  auto way_out = upstream_config_of(x);
  if (!way_out)
    return {[why = way_out.error()] { return expected<void>{why}; }, [] {}};
  api_context api;
  api.stores = std::make_shared<store_pool>(store);
  api.feed = std::move(*feed);
  api.outside = std::make_shared<provider_access>(store, *way_out, x.upstream.token_margin,
                                                  x.http.proxy_calls_max);
  api.actions = std::make_shared<action_access>(store, action_rules_of(x));
  api.incoming = std::make_shared<incoming_desk>(public_url(x), x.webhooks.incoming_bytes_max,
                                                 x.webhooks.incoming_per_minute);
  api.cluster = std::make_shared<cluster_commands>(ask_coordinator(coordinator));
  api.variants = {x.variants.per_sync_max, x.variants.delete_max_percent};
  api.catalogue = std::make_shared<providers>(std::move(*catalogue));
  api.calls_per_minute = x.http.calls_per_minute;
  api.metrics = metrics_access_of(x.http.metrics);
  api.process = std::make_shared<process_facts>(process_facts_of(x));
  api.live = std::make_shared<live_desk>(api.stores);
  api.dashboard = {x.http.dashboard, x.http.session_for, x.http.public_url};
  auto server = std::make_shared<http_server>(server_config_of(x), make_handler(api));
  auto deliverer
    = std::make_shared<webhook_deliverer>(deliverer_config_of(x, store, std::move(*way_out)));
  auto start = [server, deliverer]() -> expected<void> {
    if (auto begun = deliverer->start(); !begun)
      return begun;
    auto port = server->start();
    if (!port)
      return std::move(port.error());
    spdlog::info("serving HTTP at port {}", *port);
    return caf::unit;
  };
  return {start,
          [server, deliverer, outside = api.outside, actions = api.actions, live = api.live] {
            server->stop();
            live->stop();
            actions->stop();
            deliverer->stop();
            outside->stop();
          }};
}

} // namespace varia
