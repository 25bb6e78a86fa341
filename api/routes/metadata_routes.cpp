#include "api/routes/metadata_routes.hpp"

#include "store/connections.hpp"

#include <set>
#include <variant>

namespace varia {

namespace {

// Each connection of a call costs a round trip.
constexpr size_t connections_max = 1000;

using found_numbers = std::variant<std::vector<connection_number>, http_response>;

http_response refuse_unknown(const std::string& id, const std::string& key, bool several) {
  auto of = key.empty() ? "" : " and provider config key " + key;
  std::string message = "Connection with connection id " + id + of
                        + " not found. Please make sure the connection exists in the Nango "
                          "dashboard";
  if (several)
    message += ". No actions were taken on any of the connections as a result of this failure.";
  return refuse(404, "unknown_connection", message);
}

std::vector<std::string> ids_of(const json& body) {
  auto& ids = body.at("connection_id");
  return ids.is_array() ? ids.get<std::vector<std::string>>() : std::vector{ids.get<std::string>()};
}

// Without a key, the id must belong to one integration only.
expected<found_numbers> find_one(api_call& x, const std::string& key, const std::string& id,
                                 bool several) {
  connections all{x.db};
  if (!key.empty()) {
    auto number = all.number_of(x.environment(), key, id);
    if (!number)
      return std::move(number.error());
    return *number == 0 ? found_numbers{refuse_unknown(id, key, several)}
                        : found_numbers{std::vector{*number}};
  }
  auto candidates = all.find_by_id(x.environment(), id);
  if (!candidates)
    return std::move(candidates.error());
  if (candidates->empty())
    return found_numbers{refuse_unknown(id, key, several)};
  if (candidates->size() > 1)
    return found_numbers{refuse(400, "missing_provider_config_key",
                                "Several integrations have the connection id " + id
                                  + ". Provide provider_config_key.")};
  return found_numbers{std::vector{candidates->front().number}};
}

expected<http_response> change(api_call& x, const std::string& key,
                               const std::vector<std::string>& ids, metadata_change how,
                               const json& metadata) {
  std::set<connection_number> numbers;
  auto several = ids.size() > 1;
  for (auto& id : ids) {
    auto found = find_one(x, key, id, several);
    if (!found)
      return std::move(found.error());
    if (auto no = std::get_if<http_response>(&*found))
      return std::move(*no);
    numbers.insert(std::get<std::vector<connection_number>>(*found).front());
  }
  auto done = numbers.empty() ? expected<void>{caf::unit}
                              : connections{x.db}.change_metadata({numbers.begin(), numbers.end()},
                                                                  how, metadata.dump());
  if (!done && code_of(done.error()) == errc::not_found)
    return refuse_unknown(ids.front(), key, several);
  if (!done)
    return std::move(done.error());
  return json_answer(how == metadata_change::replace ? 201 : 200, *x.body);
}

schema body_rules(schema key) {
  return object(
    {{"connection_id", either({connection_id(), list_of(connection_id(), connections_max)})},
     {"provider_config_key", std::move(key)},
     {"metadata", record_of(any_value())}});
}

expected<http_response> change_named(api_call& x, const schema& rules, metadata_change how) {
  static const auto query = nothing();
  if (auto no = x.refuse_query(query))
    return std::move(*no);
  if (auto no = x.refuse_body(rules))
    return std::move(*no);
  return change(x, text_at(*x.body, "provider_config_key"), ids_of(*x.body), how,
                x.body->at("metadata"));
}

// The older form: the connection is in the path, and the body is the metadata.
expected<http_response> change_in_path(api_call& x, metadata_change how) {
  static const auto params = object({{"connectionId", connection_id()}});
  static const auto query = object({{"provider_config_key", optional(provider_config_key())}});
  static const auto body = record_of(any_value());
  if (auto no = x.refuse_params(params))
    return std::move(*no);
  if (auto no = x.refuse_query(query))
    return std::move(*no);
  if (auto no = x.refuse_body(body))
    return std::move(*no);
  auto key = text_at(x.query, "provider_config_key", x.header("provider-config-key"));
  if (key.empty())
    return refuse(400, "missing_provider_config_key",
                  "Missing provider_config_key. Provide it in the query or headers.");
  return change(x, key, {x.param("connectionId")}, how, *x.body);
}

route_facts facts_of(metadata_change how, const char* echo) {
  auto replaces = how == metadata_change::replace;
  return route_facts{replaces ? "Replaces the metadata of connections"
                              : "Changes top-level keys of the metadata of connections"}
    .scope("environment:connections:update")
    .audited("connection.metadata_changed")
    .answers(replaces ? 201 : 200, echo)
    .fails(400, "missing_provider_config_key")
    .fails(404, "unknown_connection");
}

} // namespace

std::vector<route> metadata_routes(const api_context& api) {
  static const auto strict = body_rules(provider_config_key());
  static const auto relaxed = body_rules(optional(provider_config_key()));
  std::vector<route> result;
  auto add = [&](const char* path, auto answer, const char* echo) {
    for (auto& [method, how] :
         {std::pair{"POST", metadata_change::replace}, std::pair{"PATCH", metadata_change::merge}})
      result.push_back(make_route(
        api, method, path, [answer, how = how](api_call& x) { return answer(x, how); },
        facts_of(how, echo)));
  };
  auto named = [](api_call& x, metadata_change how) { return change_named(x, strict, how); };
  auto echo = R"({"connection_id":null,"provider_config_key?":"shop","metadata":{}})";
  add("/connections/metadata", named, echo);
  add("/connection/metadata", named, echo);
  add(
    "/metadata", [](api_call& x, metadata_change how) { return change_named(x, relaxed, how); },
    echo);
  add("/connection/:connectionId/metadata", change_in_path, "{}");
  return result;
}

} // namespace varia
