#include "api/routes/provider_routes.hpp"

#include "core/text.hpp"

#include <algorithm>

namespace varia {

namespace {

void copy(const json& from, const char* key, json& to) {
  if (auto value = member(from, key))
    to[key] = *value;
}

json proxy_text(const json& settings) {
  auto result = json::object();
  for (auto key : {"base_url", "headers", "retry", "rate", "paginate"})
    copy(settings, key, result);
  return result;
}

// The fields of a connection's `connection_config` that a text has placeholders for.
void collect_fields(const std::string& text, json& fields) {
  const std::string mark = "${connectionConfig.";
  for (auto at = text.find(mark); at != std::string::npos; at = text.find(mark, at + 1)) {
    auto begin = at + mark.size();
    json name = text.substr(begin, text.find('}', begin) - begin);
    if (std::find(fields.begin(), fields.end(), name) == fields.end())
      fields.push_back(std::move(name));
  }
}

json connection_fields(const provider& x) {
  auto result = json::array();
  collect_fields(text_at(x.settings, "base_url"), result);
  collect_fields(text_at(x.settings, "token_url"), result);
  collect_fields(x.authorization_url, result);
  return result;
}

json provider_text(const provider& x) {
  json result{{"name", x.name},
              {"display_name", x.display_name},
              {"logo_url", nullptr},
              {"categories", x.categories},
              {"auth_mode", x.auth_mode}};
  if (!x.authorization_url.empty())
    result["authorization_url"] = x.authorization_url;
  copy(x.settings, "token_url", result);
  result["connection_configuration"] = connection_fields(x);
  result["proxy"] = proxy_text(x.settings);
  copy(x.settings, "webhook", result);
  result["docs"] = x.docs;
  return result;
}

bool is_found(const provider& x, const std::string& wanted) {
  return to_lower(x.name).find(wanted) != std::string::npos
         || to_lower(x.display_name).find(wanted) != std::string::npos;
}

expected<http_response> list(api_call& x) {
  static const auto query = object({{"search", optional(text())}});
  if (auto no = x.refuse_query(query))
    return std::move(*no);
  auto wanted = to_lower(text_at(x.query, "search"));
  auto data = json::array();
  for (auto each : x.api.catalogue->list())
    if (is_found(*each, wanted))
      data.push_back(provider_text(*each));
  return json_answer(200, {{"data", std::move(data)}});
}

expected<http_response> read(api_call& x) {
  static const auto query = nothing();
  if (auto no = x.refuse_query(query))
    return std::move(*no);
  auto found = x.api.catalogue->find(x.param("provider"));
  if (found == nullptr)
    return refuse(404, "not_found", "Unknown provider " + x.param("provider"));
  return json_answer(200, {{"data", provider_text(*found)}});
}

} // namespace

std::vector<route> provider_routes(const api_context& api) {
  return {
    make_route(api, "GET", "/providers", list,
               route_facts{"Lists the providers that integrations can be of"}
                 .scope("environment:integrations:list")
                 .answers(200, R"({"data":[]})")),
    make_route(api, "GET", "/providers/:provider", read,
               route_facts{"Reads a provider"}
                 .scope("environment:integrations:read")
                 .scope("environment:integrations:list")
                 .answers(200, R"({"data":{}})")
                 .fails(404, "not_found")),
  };
}

} // namespace varia
