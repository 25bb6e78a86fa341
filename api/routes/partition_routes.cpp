#include "api/routes/partition_routes.hpp"

#include "api/variant_wishes.hpp"
#include "store/partitions.hpp"
#include "store/variants.hpp"

#include <utility>

namespace varia {

namespace {

// A question of a caller is not asked again for so long while it is not answered.
constexpr milliseconds answer_patience{600'000};

json moment_or_null(time_ms at) {
  return at > 0 ? json(to_iso_z(at)) : json(nullptr);
}

json partition_text(const partition& x) {
  auto result = json{{"name", x.name}};
  if (x.frequency)
    result["frequency"] = *x.frequency;
  if (x.settings)
    result["settings"] = x.settings->empty() ? json::object() : json::parse(*x.settings);
  return result;
}

json result_text(const partitions_result& x) {
  if (x.at == 0)
    return nullptr;
  return {{"at", to_iso_z(x.at)}, {"created", x.created}, {"changed", x.changed},
          {"deleted", x.deleted}, {"refused", x.refused}, {"foreign", x.foreign},
          {"guarded", x.guarded}};
}

json row_text(const partitions_row& row, const std::optional<time_ms>& next) {
  auto found = json::array();
  for (auto& each : row.found)
    found.push_back(partition_text(each));
  auto missing = json::array();
  for (auto& [name, since] : row.missing)
    missing.push_back({{"variant", name}, {"since", to_iso_z(since)}});
  return {{"outcome", to_string(row.outcome)},
          {"reason", row.reason.empty() ? json(nullptr) : json(row.reason)},
          {"asked_at", moment_or_null(row.asked_at)},
          {"answered_at", moment_or_null(row.answered_at)},
          {"found_at", moment_or_null(row.found_at)},
          {"next_at", next && *next > 0 ? json(to_iso_z(*next)) : json(nullptr)},
          {"partitions", std::move(found)},
          {"missing", std::move(missing)},
          {"result", result_text(row.result)}};
}

// Finds the sync that the members of a body or query name, then does the rest.
template <class Rest>
expected<http_response> with_hook(api_call& x, const json& from, Rest rest) {
  auto found = find_sync(x, from, text_at(from, "name"));
  if (!found)
    return std::move(found.error());
  if (auto no = std::get_if<http_response>(&*found))
    return std::move(*no);
  auto& place = std::get<sync_place>(*found);
  if (!place.deployed.partitions)
    return refuse(400, "no_partitions", "The function has no hook that tells its partitions");
  return rest(place);
}

expected<http_response> show(api_call& x) {
  static const auto query = object({{"provider_config_key", provider_config_key()},
                                    {"connection_id", connection_id()},
                                    {"name", sync_name()}});
  if (auto no = x.refuse_query(query))
    return std::move(*no);
  return with_hook(x, x.query, [&](const sync_place& place) -> expected<http_response> {
    partitions all{x.db};
    auto row = all.read(place.sync);
    if (!row)
      return std::move(row.error());
    auto next = all.next_look(place.sync);
    if (!next)
      return std::move(next.error());
    return json_answer(200, row_text(*row, *next));
  });
}

// The question is safe in the store: a base that is not woken now finds it after its next run.
expected<http_response> ask(api_call& x, const sync_place& place) {
  variant_key key{place.sync, base_variant};
  auto base = variants{x.db}.find(key);
  if (!base)
    return std::move(base.error());
  if (!*base)
    return refuse(400, "unknown_sync");
  partitions all{x.db};
  auto asked
    = all.ask(ref_of(**base), place.deployed.sha, answer_patience, flag_at(*x.body, "force"));
  if (!asked)
    return std::move(asked.error());
  if (auto watched = all.watch({place.sync}); !watched)
    return std::move(watched.error());
  (void)x.api.cluster->wake({key});
  return json_answer(202, {{"asked", *asked}});
}

expected<http_response> discover(api_call& x) {
  static const auto query = nothing();
  static const auto body = object({{"provider_config_key", provider_config_key()},
                                   {"connection_id", connection_id()},
                                   {"name", sync_name()},
                                   {"force", optional(boolean())}});
  if (auto no = x.refuse_query(query))
    return std::move(*no);
  if (auto no = x.refuse_body(body))
    return std::move(*no);
  return with_hook(x, *x.body, [&](const sync_place& place) { return ask(x, place); });
}

constexpr auto row_example
  = R"({"outcome":"found","reason":null,"asked_at":null,"answered_at":null,"found_at":null,)"
    R"("next_at":null,"partitions":[{"name":"eu","frequency?":"every hour","settings?":null}],)"
    R"("missing":[{"variant":"us","since":"2026-01-01T00:00:00.000Z"}],"result":null})";

} // namespace

std::vector<route> partition_routes(const api_context& api) {
  return {
    make_route(api, "GET", "/varia/partitions", show,
               route_facts{"Tells what a function told of its partitions"}
                 .scope("environment:syncs:read")
                 .answers(200, row_example)
                 .fails(400, "unknown_connection")
                 .fails(400, "unknown_sync")
                 .fails(400, "no_partitions")),
    make_route(api, "POST", "/varia/partitions/discover", discover,
               route_facts{"Has a function asked for its partitions"}
                 .scope("environment:syncs:execute")
                 .audited("partitions.asked")
                 .answers(202, R"({"asked":true})")
                 .fails(400, "unknown_connection")
                 .fails(400, "unknown_sync")
                 .fails(400, "no_partitions")),
  };
}

} // namespace varia
