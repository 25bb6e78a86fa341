#include "api/routes/variant_show_routes.hpp"

#include "api/connection_text.hpp"
#include "api/named_variant.hpp"
#include "api/run_text.hpp"
#include "api/sync_status.hpp"
#include "api/variant_wishes.hpp"
#include "api/why.hpp"
#include "store/leases.hpp"

#include <utility>

namespace varia {

namespace {

// How far back it is looked for why a slot had no run.
constexpr size_t history_read = 20;
constexpr size_t history_shown = 10;

// Who leads is looked up first: without one, asking takes as long as its patience does.
expected<std::optional<cluster_status>> read_cluster(api_call& x) {
  auto leader = leases{x.db}.leader();
  if (!leader)
    return std::move(leader.error());
  if (leader->leader.empty())
    return std::optional<cluster_status>{};
  auto status = x.api.cluster->status();
  if (!status && code_of(status.error()) != errc::unavailable)
    return std::move(status.error());
  return status ? std::optional{std::move(*status)} : std::nullopt;
}

expected<why_facts> read_facts(api_call& x, const named_variant& what) {
  auto ref = ref_of(what.entry);
  auto of = connections{x.db}.find(ref.sync.connection);
  if (!of)
    return std::move(of.error());
  auto states = runs{x.db}.states({ref});
  if (!states)
    return std::move(states.error());
  auto history = runs{x.db}.history(ref, history_read);
  if (!history)
    return std::move(history.error());
  auto held = read_obstacles(x.db, ref, of->value_or(connection{}));
  if (!held)
    return std::move(held.error());
  auto cluster = read_cluster(x);
  if (!cluster)
    return std::move(cluster.error());
  return why_facts{what.entry, what.deployed,       std::move(states->front()),
                   *held,      std::move(*cluster), std::move(*history)};
}

json names_text(const json& query, const why_facts& x) {
  return {{"provider_config_key", text_at(query, "provider_config_key")},
          {"connection_id", text_at(query, "connection_id")},
          {"name", x.entry.key.sync.name},
          {"variant", x.entry.key.name}};
}

// Looks up the variant that the query names, and answers with what `tell` makes of it.
template <class Tell>
expected<http_response> with_facts(api_call& x, Tell tell) {
  static const auto query = naming();
  if (auto no = x.refuse_query(query))
    return std::move(*no);
  return with_variant(x, x.query, [&](const named_variant& what) -> expected<http_response> {
    auto facts = read_facts(x, what);
    if (!facts)
      return std::move(facts.error());
    auto answer = names_text(x.query, *facts);
    answer.update(tell(*facts));
    return json_answer(200, answer);
  });
}

expected<http_response> why(api_call& x) {
  return with_facts(x, [](const why_facts& facts) {
    return json{{"verdict", to_string(judge(facts))},
                {"sentences", explain(facts)},
                {"facts", facts_text(facts)}};
  });
}

json whole_text(const why_facts& x) {
  auto result = facts_text(x);
  auto history = json::array();
  for (size_t i = 0; i < x.history.size() && i < history_shown; ++i)
    history.push_back(run_text(x.history[i]));
  result.update({{"created_at", to_iso_z(x.entry.created_at)},
                 {"discovered", x.entry.discovered},
                 {"settings", settings_json(x.entry)},
                 {"records", x.state.record_count},
                 {"checkpoint", stored_json(x.state.checkpoint, nullptr)},
                 {"runs", std::move(history)}});
  return result;
}

expected<http_response> show(api_call& x) {
  return with_facts(x, whole_text);
}

constexpr auto why_example
  = R"({"provider_config_key":"shop","connection_id":"user-1","name":"orders","variant":"eu",)"
    R"("verdict":"waits_for_schedule","sentences":["It waits for its schedule: the next run is )"
    R"(due in 4 min (2026-01-01T00:04:00Z)."],"facts":{}})";

constexpr auto show_example
  = R"({"provider_config_key":"shop","connection_id":"user-1","name":"orders","variant":"eu",)"
    R"("id":"cd698d3a-f399-46e3-b424-3007eff03e6b","status":"SUCCESS","paused":false,)"
    R"("schedule":{},"placement":null,"last_run":null,"next_run":null,"settings":null,)"
    R"("records":{},"checkpoint":null,"runs":[]})";

route_facts facts_of(const char* summary, const char* example) {
  return route_facts{summary}
    .scope("environment:syncs:read")
    .answers(200, example)
    .fails(404, "unknown_connection")
    .fails(404, "unknown_sync");
}

} // namespace

std::vector<route> variant_show_routes(const api_context& api) {
  return {make_route(api, "GET", "/varia/variants/why", why,
                     facts_of("Explains why a variant runs or does not", why_example)),
          make_route(api, "GET", "/varia/variants/show", show,
                     facts_of("Tells all about a variant", show_example))};
}

} // namespace varia
