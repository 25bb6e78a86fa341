#include "api/routes/environment_routes.hpp"

#include "store/environments.hpp"

#include <algorithm>
#include <cctype>

namespace varia {

namespace {

constexpr size_t value_max = 64 * 1024;

bool is_variable_name(const std::string& text) {
  return std::all_of(text.begin(), text.end(),
                     [](unsigned char c) { return std::isalnum(c) != 0 || c == '_'; });
}

std::optional<http_response> refuse_name(const api_call& x) {
  static const auto params = object(
    {{"name", text({at_least(1), at_most(255), matches(is_variable_name, "^[a-zA-Z0-9_]+$")})}});
  static const auto query = nothing();
  if (auto no = x.refuse_query(query))
    return no;
  return x.refuse_params(params);
}

expected<http_response> list(api_call& x) {
  auto all = environments{x.db}.variables(x.environment());
  if (!all)
    return std::move(all.error());
  auto result = json::array();
  for (auto& each : *all)
    result.push_back({{"name", each.name}, {"value", each.value}});
  return json_answer(200, std::move(result));
}

expected<http_response> put(api_call& x) {
  static const auto body = object({{"value", text({at_most(value_max)})}});
  if (auto no = refuse_name(x))
    return std::move(*no);
  if (auto no = x.refuse_body(body))
    return std::move(*no);
  auto done = environments{x.db}.set_variable(x.environment(),
                                              {x.param("name"), text_at(*x.body, "value")});
  if (!done)
    return std::move(done.error());
  return succeed();
}

expected<http_response> remove(api_call& x) {
  if (auto no = refuse_name(x))
    return std::move(*no);
  auto done = environments{x.db}.remove_variable(x.environment(), x.param("name"));
  if (!done && code_of(done.error()) == errc::not_found)
    return refuse(404, "not_found", "There is no variable of this name");
  if (!done)
    return std::move(done.error());
  return succeed();
}

} // namespace

std::vector<route> environment_routes(const api_context& api) {
  return {
    make_route(api, "GET", "/environment-variables", list,
               route_facts{"Lists the environment variables"}
                 .scope("environment:variables:read")
                 .answers(200, R"([{"name":"REGION","value":"eu"}])")),
    make_route(api, "PUT", "/varia/environment-variables/:name", put,
               route_facts{"Sets an environment variable"}
                 .scope("environment:variables:write")
                 .audited("variable.set")
                 .answers(200, R"({"success":true})")),
    make_route(api, "DELETE", "/varia/environment-variables/:name", remove,
               route_facts{"Deletes an environment variable"}
                 .scope("environment:variables:write")
                 .audited("variable.deleted")
                 .answers(200, R"({"success":true})")
                 .fails(404, "not_found")),
  };
}

} // namespace varia
