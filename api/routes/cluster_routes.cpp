#include "api/routes/cluster_routes.hpp"

#include "api/cluster_text.hpp"
#include "api/connection_text.hpp"
#include "store/connections.hpp"
#include "store/leases.hpp"

#include <chrono>

namespace varia {

namespace {

// How long what runs may take to make way, unless the caller says otherwise.
constexpr int64_t deadline_default_s = 30;
constexpr double deadline_max_s = 3600;

expected<http_response> status(api_call& x) {
  auto redis_answers = static_cast<bool>(x.db.run({"PING"}));
  auto cluster = x.api.cluster->status();
  if (!cluster)
    return std::move(cluster.error());
  return json_answer(200, {{"leader", cluster->leader},
                           {"epoch", cluster->epoch},
                           {"variants", cluster->variants},
                           {"unplaced", cluster->unplaced},
                           {"redis", redis_answers ? "ok" : "unavailable"},
                           {"workers", workers_text(*cluster)}});
}

expected<http_response> list_workers(api_call& x) {
  auto cluster = x.api.cluster->status();
  if (!cluster)
    return std::move(cluster.error());
  return json_answer(200, {{"workers", workers_text(*cluster)}});
}

expected<http_response> list_coordinators(api_call& x) {
  leases all{x.db};
  auto leader = all.leader();
  if (!leader)
    return std::move(leader.error());
  auto alive = all.coordinators();
  if (!alive)
    return std::move(alive.error());
  auto result = json::array();
  for (auto& lease : *alive)
    result.push_back({{"coordinator", lease.holder},
                      {"address", lease.address},
                      {"leads", lease.holder == leader->leader},
                      {"since", to_iso_z(lease.since)}});
  return json_answer(200, {{"epoch", leader->epoch}, {"coordinators", std::move(result)}});
}

schema name_text() {
  return text({at_least(1), at_most(255)});
}

std::chrono::seconds deadline_of(const json& body) {
  return std::chrono::seconds{body.value("deadline_s", deadline_default_s)};
}

schema deadline() {
  return optional(whole_number(0, deadline_max_s));
}

// What the leader answers about names that are wrong is for people.
expected<http_response> done(const expected<void>& result) {
  if (result)
    return json_answer(200, {{"success", true}});
  auto code = code_of(result.error());
  if (code == errc::not_found)
    return refuse(404, "not_found", detail_of(result.error()));
  if (code == errc::conflict)
    return refuse(409, "conflict", detail_of(result.error()));
  return result.error();
}

expected<http_response> set_cordon(api_call& x, bool on) {
  static const auto wanted = object({{"worker", name_text()}});
  if (auto no = x.refuse_body(wanted))
    return std::move(*no);
  return done(x.api.cluster->cordon(text_at(*x.body, "worker"), on));
}

expected<http_response> cordon(api_call& x) {
  return set_cordon(x, true);
}

expected<http_response> uncordon(api_call& x) {
  return set_cordon(x, false);
}

expected<http_response> drain(api_call& x) {
  static const auto wanted = object({{"worker", name_text()}, {"deadline_s", deadline()}});
  if (auto no = x.refuse_body(wanted))
    return std::move(*no);
  return done(x.api.cluster->drain(text_at(*x.body, "worker"), deadline_of(*x.body)));
}

expected<http_response> move(api_call& x) {
  static const auto wanted = object({{"provider_config_key", provider_config_key()},
                                     {"connection_id", connection_id()},
                                     {"name", sync_name()},
                                     {"variant", optional(sync_name())},
                                     {"worker", name_text()},
                                     {"deadline_s", deadline()}});
  if (auto no = x.refuse_body(wanted))
    return std::move(*no);
  auto link = connections{x.db}.number_of(x.environment(), text_at(*x.body, "provider_config_key"),
                                          text_at(*x.body, "connection_id"));
  if (!link)
    return std::move(link.error());
  if (*link == 0)
    return refuse(404, "unknown_connection");
  variant_key key{{*link, text_at(*x.body, "name")}, text_at(*x.body, "variant", base_variant)};
  return done(x.api.cluster->move(key, text_at(*x.body, "worker"), deadline_of(*x.body)));
}

expected<http_response> even_out(api_call& x, bool apply) {
  auto moves = x.api.cluster->rebalance(apply);
  if (!moves)
    return std::move(moves.error());
  auto result = json::array();
  for (auto& move : *moves)
    result.push_back({{"connection", move.key.sync.connection},
                      {"sync", move.key.sync.name},
                      {"variant", move.key.name},
                      {"from", move.from},
                      {"to", move.to}});
  return json_answer(200, {{"applied", apply}, {"moves", std::move(result)}});
}

expected<http_response> plan_rebalance(api_call& x) {
  return even_out(x, false);
}

expected<http_response> apply_rebalance(api_call& x) {
  return even_out(x, true);
}

expected<http_response> promote(api_call& x) {
  static const auto wanted = object({{"coordinator", name_text()}});
  if (auto no = x.refuse_body(wanted))
    return std::move(*no);
  return done(x.api.cluster->promote(text_at(*x.body, "coordinator")));
}

constexpr auto status_example
  = R"({"leader":"c1","epoch":1,"variants":1,"unplaced":0,"redis":"ok","workers":[]})";
constexpr auto moves_example = R"({"applied":false,"moves":[]})";

route_facts read_facts(const char* summary) {
  return route_facts{summary}.scope("account:cluster:read");
}

route_facts order_facts(const char* summary, const char* what) {
  return route_facts{summary}
    .scope("account:cluster:write")
    .audited_for_all(what)
    .answers(200, R"({"success":true})")
    .fails(404, "not_found")
    .fails(409, "conflict");
}

} // namespace

std::vector<route> cluster_routes(const api_context& api) {
  std::vector<route> result{
    make_route(api, "GET", "/varia/status", status,
               read_facts("Tells how the cluster is").answers(200, status_example)),
    make_route(api, "GET", "/varia/workers", list_workers,
               read_facts("Lists the workers").answers(200, R"({"workers":[]})")),
    make_route(api, "POST", "/varia/workers/cordon", cordon,
               order_facts("Gives a worker no more variants", "worker.cordoned")),
    make_route(api, "POST", "/varia/workers/uncordon", uncordon,
               order_facts("Gives a worker variants again", "worker.uncordoned")),
    make_route(api, "POST", "/varia/workers/drain", drain,
               order_facts("Moves all variants of a worker elsewhere", "worker.drained")),
    make_route(api, "GET", "/varia/coordinators", list_coordinators,
               read_facts("Lists the coordinators that live")
                 .answers(200, R"({"epoch":1,"coordinators":[]})")),
    make_route(api, "POST", "/varia/coordinators/promote", promote,
               order_facts("Hands the lead over", "coordinator.promoted")),
    make_route(api, "GET", "/varia/rebalance", plan_rebalance,
               read_facts("Shows what would even the workers out").answers(200, moves_example)),
    make_route(
      api, "POST", "/varia/rebalance", apply_rebalance,
      order_facts("Evens the workers out", "cluster.rebalanced").answers(200, moves_example)),
  };
  // These concern the installation; no environment is needed to see it.
  for (auto& each : result)
    each.needs = access::with_any_key;
  result.push_back(make_route(api, "POST", "/varia/variants/move", move,
                              order_facts("Moves a variant to a worker", "variant.moved")));
  return result;
}

} // namespace varia
