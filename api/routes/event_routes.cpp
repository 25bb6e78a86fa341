#include "api/routes/event_routes.hpp"

#include "api/event_delivery.hpp"
#include "store/connections.hpp"
#include "store/functions.hpp"
#include "store/variants.hpp"

namespace varia {

namespace {

std::optional<http_response> refuse_event(const api_call& x) {
  static const auto query = nothing();
  static const auto body = object({{"provider_config_key", provider_config_key()},
                                   {"connection_id", connection_id()},
                                   {"type", optional(text({at_most(255)}))},
                                   {"payload", any_value()}});
  if (auto no = x.refuse_query(query))
    return no;
  if (auto no = x.refuse_body(body))
    return no;
  if (!x.body->contains("payload"))
    return refuse_issues("invalid_body",
                         {{"invalid_type", "Invalid input: a payload is required", {"payload"}}});
  return std::nullopt;
}

// The base variants of the syncs that want such an event.
expected<std::vector<variant_entry>> find_subscribers(api_call& x, connection_number connection) {
  auto deployed = functions{x.db}.list(x.environment(), text_at(*x.body, "provider_config_key"));
  if (!deployed)
    return std::move(deployed.error());
  std::vector<variant_entry> result;
  for (auto& each : *deployed) {
    if (!subscribes(each, text_at(*x.body, "type")))
      continue;
    auto entry = variants{x.db}.find({{connection, each.name}, base_variant});
    if (!entry)
      return std::move(entry.error());
    if (*entry)
      result.push_back(std::move(**entry));
  }
  return result;
}

expected<http_response> take_event(api_call& x) {
  if (auto no = refuse_event(x))
    return std::move(*no);
  auto number = connections{x.db}.number_of(
    x.environment(), text_at(*x.body, "provider_config_key"), text_at(*x.body, "connection_id"));
  if (!number)
    return std::move(number.error());
  if (*number == 0)
    return refuse(404, "unknown_connection");
  auto subscribers = find_subscribers(x, *number);
  if (!subscribers)
    return std::move(subscribers.error());
  auto left = leave_event(x.api, x.db, *subscribers, x.body->at("payload").dump());
  if (!left)
    return std::move(left.error());
  if (!left->full.empty())
    return refuse(429, "too_many_request", "Too many events wait for sync " + left->full);
  auto names = json::array();
  for (auto& key : left->woken)
    names.push_back(key.sync.name);
  return json_answer(202, {{"syncs", std::move(names)}});
}

} // namespace

std::vector<route> event_routes(const api_context& api) {
  return {make_route(api, "POST", "/varia/events", take_event,
                     route_facts{"Hands an event to the base variants of a connection"}
                       .scope("environment:webhooks:write")
                       .answers(202, R"({"syncs":["orders"]})")
                       .fails(404, "unknown_connection")
                       .fails(429, "too_many_request"))};
}

} // namespace varia
