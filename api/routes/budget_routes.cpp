#include "api/routes/budget_routes.hpp"

#include "store/budgets.hpp"
#include "store/connections.hpp"

#include <charconv>

namespace varia {

namespace {

constexpr size_t budgets_max = 1000;

connection_number number_in(const std::string& text) {
  connection_number result = 0;
  std::from_chars(text.data(), text.data() + text.size(), result);
  return result;
}

json budget_text(const connection& of, const budget_state& x) {
  auto is_paused = x.paused_until > 0;
  auto rate
    = x.requests == 0 ? json(nullptr) : json{{"requests", x.requests}, {"per_ms", x.per.count()}};
  return {{"connection_id", of.connection_id},
          {"provider_config_key", of.provider_config_key},
          {"rate", std::move(rate)},
          {"granted", x.granted},
          {"waiting", x.waiting},
          {"paused_until", is_paused ? json(to_iso_z(x.paused_until)) : json(nullptr)},
          {"reason", is_paused ? json(x.reason) : json(nullptr)}};
}

expected<http_response> list_budgets(api_call& x) {
  if (auto no = x.refuse_query(nothing()))
    return std::move(*no);
  auto all = budgets{x.db, "api"}.list();
  if (!all)
    return std::move(all.error());
  auto result = json::array();
  for (auto& budget : *all) {
    if (result.size() >= budgets_max)
      break;
    auto of = connections{x.db}.find(number_in(budget.connection));
    if (!of)
      return std::move(of.error());
    if (*of && (*of)->environment == x.environment())
      result.push_back(budget_text(**of, budget));
  }
  return json_answer(200, {{"budgets", std::move(result)}});
}

} // namespace

std::vector<route> budget_routes(const api_context& api) {
  return {make_route(api, "GET", "/varia/budgets", list_budgets,
                     route_facts{"Lists the connections with a rate or a pause"}
                       .scope("environment:syncs:read")
                       .answers(200, R"({"budgets":[]})"))};
}

} // namespace varia
