#include "api/routes/incoming_routes.hpp"

#include "api/connection_text.hpp"
#include "api/event_delivery.hpp"
#include "api/incoming_desk.hpp"
#include "core/text.hpp"
#include "store/connections.hpp"
#include "store/environments.hpp"
#include "store/functions.hpp"
#include "store/integrations.hpp"
#include "store/outbox.hpp"
#include "webhooks/incoming_rules.hpp"
#include "webhooks/payloads.hpp"

#include <algorithm>
#include <exception>
#include <utility>

namespace varia {

namespace {

// How many connections one webhook may be for, and how many bytes it may become in their inboxes.
constexpr size_t connections_max = 1000;
constexpr size_t copied_bytes_max = size_t{64} * 1024 * 1024;

/// One webhook on its way through.
struct arrival {
  const api_context& api;
  redis& db;
  std::string environment;
  integration of;
  incoming_rules rules;
  incoming_facts facts;
};

std::string webhook_settings_of(const integration& x) {
  auto settings = json::parse(x.settings, nullptr, false);
  return settings.is_object() && settings.contains("webhook") ? settings["webhook"].dump() : "";
}

incoming_rules rules_of(const integration& x) {
  return read_incoming_rules(webhook_settings_of(x), x.incoming_rules, x.incoming_secret);
}

// The text or number that a connection has under the name that the rules give.
std::string field_of(const connection& x, const std::string& by) {
  auto dot = by.find('.');
  auto place = by.substr(0, dot);
  auto& text = place == "metadata" ? x.metadata : x.connection_config;
  auto all = json::parse(text, nullptr, false);
  auto found = dot == std::string::npos ? nullptr : member(all, by.substr(dot + 1));
  if (found == nullptr)
    return {};
  return found->is_string() ? found->get<std::string>() : found->dump();
}

// Those that the webhook names, or all of the integration if it names none.
expected<std::vector<connection>> find_connections(arrival& x) {
  connections all{x.db};
  auto& wanted = x.facts.connection;
  if (!wanted.empty() && x.rules.connection_by == "connection_id") {
    auto one = all.find(x.environment, x.of.unique_key, wanted);
    if (!one)
      return std::move(one.error());
    return *one ? std::vector{std::move(**one)} : std::vector<connection>{};
  }
  auto found = all.list(x.environment);
  if (!found)
    return found;
  auto is_other = [&](const connection& each) {
    return each.provider_config_key != x.of.unique_key
           || (!wanted.empty() && field_of(each, x.rules.connection_by) != wanted);
  };
  found->erase(std::remove_if(found->begin(), found->end(), is_other), found->end());
  std::reverse(found->begin(), found->end()); // Oldest first.
  return found;
}

// The variants that handle an event: base, or those that the rules route it to.
expected<std::vector<variant_entry>> find_handlers(arrival& x,
                                                   const std::vector<connection>& links) {
  auto deployed = functions{x.db}.list(x.environment, x.of.unique_key);
  if (!deployed)
    return std::move(deployed.error());
  std::vector<variant_key> named;
  std::vector<variant_key> base;
  for (auto& each : *deployed)
    if (subscribes(each, x.facts.type))
      for (auto& link : links) {
        base.push_back({{link.number, each.name}, base_variant});
        if (!x.facts.variant.empty())
          named.push_back({{link.number, each.name}, x.facts.variant});
      }
  variants registry{x.db};
  auto found = registry.find(named);
  if (!found)
    return found;
  if (!named.empty() && x.rules.if_missing == incoming_rules::missing_variant::drop)
    return found;
  auto is_found = [&](const variant_key& key) {
    return std::any_of(found->begin(), found->end(), [&](auto& entry) {
      return to_string(entry.key.sync) == to_string(key.sync);
    });
  };
  base.erase(std::remove_if(base.begin(), base.end(), is_found), base.end());
  auto others = registry.find(base);
  if (!others)
    return others;
  found->insert(found->end(), others->begin(), others->end());
  return found;
}

// Passes the webhook on to the application: once for each connection that it is for.
expected<int64_t> forward(arrival& x, const std::vector<connection>& links,
                          const std::string& body) {
  if (!x.of.forward_webhooks)
    return 0;
  std::vector<outbox_notice> notices;
  forwarded_webhook what{x.of.provider, x.of.unique_key, {}, body};
  auto add = [&](const std::string& owner, const std::string& url_override) {
    notices.push_back({x.environment, owner, url_override, "", make_uuid(), forward_payload(what)});
  };
  for (auto& link : links) {
    what.connection_id = link.connection_id;
    add("c" + std::to_string(link.number), link.webhook_url_override);
  }
  if (links.empty())
    add("i" + x.of.unique_key, {});
  return outbox{x.db}.put(notices);
}

http_response refuse_for_now(const std::string& why) {
  auto result = refuse(429, "too_many_request", why);
  result.headers.emplace_back("retry-after", "60");
  return result;
}

http_response answer_challenge(const std::string& text) {
  http_response result;
  result.content_type = "text/plain; charset=utf-8";
  result.body = text;
  return result;
}

http_response answer_nothing() {
  http_response result;
  result.status = 204;
  result.content_type.clear();
  return result;
}

expected<http_response> hand_out(arrival& x, const std::string& body) {
  auto links = find_connections(x);
  if (!links)
    return std::move(links.error());
  if (links->size() > connections_max)
    return refuse(400, "invalid_request", "The webhook is for too many connections");
  auto handlers = find_handlers(x, *links);
  if (!handlers)
    return std::move(handlers.error());
  if (std::max(handlers->size(), links->size()) * body.size() > copied_bytes_max)
    return refuse(413, "payload_too_large", "The webhook is too large for so many connections");
  auto left = leave_event(x.api, x.db, *handlers, x.facts.payload);
  if (!left)
    return std::move(left.error());
  if (!left->full.empty())
    return refuse_for_now("Too many events wait already");
  auto forwarded = forward(x, *links, body);
  if (!forwarded)
    return std::move(forwarded.error());
  return left->woken.empty() && *forwarded == 0 ? answer_nothing() : succeed();
}

std::optional<http_response> refuse_names(const http_request& x) {
  static const auto rules = object({{"environmentUuid", text({holds(is_uuid_v4, "Invalid UUID")})},
                                    {"providerConfigKey", provider_config_key()}});
  json values(x.params);
  auto found = check(rules, &values);
  if (found.empty())
    return std::nullopt;
  return refuse_issues("invalid_uri_params", found);
}

expected<http_response> take(const api_context& api, redis& db, const http_request& x) {
  auto& id = x.params.at("environmentUuid");
  auto& key = x.params.at("providerConfigKey");
  auto environment = environments{db}.name_of(to_lower(id));
  if (!environment)
    return std::move(environment.error());
  if (!*environment)
    return refuse(404, "unknown_environment");
  auto of = integrations{db}.find(**environment, key);
  if (!of)
    return std::move(of.error());
  if (!*of)
    return refuse(404, "unknown_provider_config");
  if (!api.incoming->admit(id + '/' + key, steady_ms()))
    return refuse_for_now("Too many webhooks of this integration");
  arrival here{api, db, **environment, std::move(**of), {}, {}};
  here.rules = rules_of(here.of);
  if (here.rules.scheme == incoming_rules::check::disabled)
    return refuse(404, "feature_disabled", "This integration takes no webhooks");
  incoming_webhook hook{x.method, api.incoming->url_of(id, key), x.headers, x.query, x.body};
  if (auto why = refuse_origin(here.rules, hook, now_ms()))
    return refuse(401, "webhook_invalid_signature", *why);
  here.facts = read_facts(here.rules, hook);
  if (!here.facts.challenge.empty())
    return answer_challenge(here.facts.challenge);
  return hand_out(here, x.body);
}

// Whatever the body is, so it is not read as other routes' are.
http_response answer(const api_context& api, const http_request& x) {
  try {
    if (auto no = refuse_names(x))
      return std::move(*no);
    if (x.body.size() > api.incoming->bytes_max())
      return refuse(413, "payload_too_large", "The webhook is too large");
    auto db = api.stores->lend();
    if (!db)
      return refuse_error(db.error());
    auto result = take(api, **db, x);
    return result ? std::move(*result) : refuse_error(result.error());
  } catch (const std::exception& why) {
    return refuse_fault(why.what());
  }
}

} // namespace

std::vector<route> incoming_routes(const api_context& api) {
  auto handle = [api](const http_request& x) { return answer(api, x); };
  route result{"POST", "/webhook/:environmentUuid/:providerConfigKey", handle, access::open, true};
  result.facts = route_facts{"Takes a webhook of a provider"}
                   .answers(200, R"({"success":true})")
                   .fails(400, "invalid_uri_params")
                   .fails(401, "webhook_invalid_signature")
                   .fails(404, "unknown_environment")
                   .fails(404, "unknown_provider_config")
                   .fails(404, "feature_disabled")
                   .fails(413, "payload_too_large")
                   .fails(429, "too_many_request");
  return {std::move(result)};
}

} // namespace varia
