#include "api/routes/health_routes.hpp"

#include "api/health.hpp"
#include "api/http_metrics.hpp"
#include "store/leases.hpp"
#include "store/server_facts.hpp"

#include <atomic>
#include <memory>
#include <utility>

namespace varia {

namespace {

readiness_check check_redis(redis& db) {
  readiness_check result{"redis", true, {}, true};
  if (auto answer = db.run({"PING"}); !answer) {
    result.is_well = false;
    result.detail = detail_of(answer.error());
  }
  return result;
}

// Without a leader the API still answers what it reads, and holds commands back for a while.
readiness_check check_leader(redis& db) {
  readiness_check result{"leader", true, {}, false};
  auto found = leases{db}.leader();
  if (!found || found->leader.empty())
    result.is_well = false;
  result.detail = !found                  ? detail_of(found.error())
                  : found->leader.empty() ? "no coordinator leads"
                                          : found->leader;
  return result;
}

std::vector<readiness_check> look(redis& db) {
  auto store = check_redis(db);
  auto leader = store.is_well ? check_leader(db)
                              : readiness_check{"leader", false, "unknown without Redis", false};
  return {std::move(store), std::move(leader)};
}

std::optional<http_response> refuse_probe(const api_call& x) {
  static const auto query = object({{"verbose", optional(text({at_most(5)}))}});
  return x.refuse_query(query);
}

expected<http_response> alive(api_call& x) {
  if (auto no = refuse_probe(x))
    return std::move(*no);
  return tell_alive();
}

expected<http_response> ready(api_call& x) {
  if (auto no = refuse_probe(x))
    return std::move(*no);
  return tell_ready(look(x.db), wants_all(x.request));
}

// A process that was ready once has started, whatever becomes of it.
handler started() {
  return [was_ready = std::make_shared<std::atomic<bool>>(false)](api_call& x) {
    if (*was_ready)
      return alive(x);
    auto result = ready(x);
    if (result && result->status == 200)
      *was_ready = true;
    return result;
  };
}

expected<http_response> metrics(api_call& x) {
  static const auto query = nothing();
  if (auto no = x.refuse_query(query))
    return std::move(*no);
  measure_redis_server(x.db);
  measure_outbox(x.db);
  return tell_metrics();
}

route probe(const api_context& api, std::string path, handler answer, const char* summary) {
  auto result
    = make_route(api, "GET", std::move(path), std::move(answer),
                 route_facts{summary}.answers(
                   200, R"({"result":"ok","checks?":[{"name":"redis","ok":true,"required":true,)"
                        R"("detail?":"x"}]})"));
  result.needs = access::open;
  return result;
}

route metrics_route(const api_context& api) {
  auto result = make_route(api, "GET", "/metrics", metrics,
                           route_facts{"The metrics of this process, in the format of Prometheus"}
                             .scope("account:metrics:read")
                             .answers(200, ""));
  result.needs = api.metrics == metrics_access::open ? access::open : access::with_any_key;
  return result;
}

} // namespace

std::vector<route> health_routes(const api_context& api) {
  std::vector<route> result{
    probe(api, "/livez", alive, "Says that the process lives, whatever becomes of Redis"),
    probe(api, "/readyz", ready, "Says whether the process can serve; ?verbose says why"),
    probe(api, "/startupz", started(), "Says whether the process has been ready once"),
  };
  if (api.metrics != metrics_access::off)
    result.push_back(metrics_route(api));
  return result;
}

} // namespace varia
