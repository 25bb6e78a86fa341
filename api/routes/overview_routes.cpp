#include "api/routes/overview_routes.hpp"

#include "api/overview.hpp"

namespace varia {

namespace {

expected<http_response> overview(api_call& x) {
  static const auto query = nothing();
  if (auto no = x.refuse_query(query))
    return std::move(*no);
  auto all = survey_variants(x.db, {x.environment(), {}, {}, {}});
  if (!all)
    return std::move(all.error());
  auto scene = read_scene(x.db, *x.api.cluster);
  if (!scene)
    return std::move(scene.error());
  overview_tally tally{*all, scene->alive, now_ms()};
  return json_answer(200, overview_text(tally, *scene, x.may("account:cluster:read")));
}

constexpr auto overview_example
  = R"({"cluster":{"leader":null,"epoch":1,"coordinators":2,"redis":"ok"},"workers":[],)"
    R"("variants":{"total":3,"running":1,"paused":1,"failing":0,"waiting":0,"unplaced":0},)"
    R"("lag":{"late":0,"latest_ms":0},"syncs":[],"truncated":false,"failures":[]})";

} // namespace

std::vector<route> overview_routes(const api_context& api) {
  return {make_route(api, "GET", "/varia/overview", overview,
                     route_facts{"Tells how an environment and its cluster are doing"}
                       .scope("environment:syncs:read")
                       .answers(200, overview_example))};
}

} // namespace varia
