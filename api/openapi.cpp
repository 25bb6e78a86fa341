#include "api/openapi.hpp"

#include "api/api.hpp"
#include "api/openapi_parts.hpp"
#include "core/text.hpp"

#include <algorithm>
#include <map>
#include <utility>

namespace varia {

namespace {

constexpr auto media_type = "application/json";

std::string lower_method(const std::string& x) {
  return to_lower(x);
}

// A route for any method is described once for each of these.
std::vector<std::string> methods_of(const route& x) {
  if (x.method == "*")
    return {"get", "post", "put", "patch", "delete"};
  return {lower_method(x.method)};
}

// Unique, and readable in what is generated from the document.
std::string operation_id(const std::string& method, const std::string& path) {
  auto result = method;
  auto begins = true;
  for (auto c : path) {
    auto is_word = std::isalnum(static_cast<unsigned char>(c)) != 0;
    if (is_word)
      result += begins ? static_cast<char>(std::toupper(static_cast<unsigned char>(c))) : c;
    else if (c == '*')
      result += "Any";
    begins = !is_word;
  }
  return result;
}

// Either of the scopes opens the route.
json security_of(const route& x) {
  auto result = json::array();
  if (x.needs == access::open)
    return result;
  for (auto& scope : x.facts.scopes)
    result.push_back({{"key", json::array({scope})}});
  if (result.empty())
    result.push_back({{"key", json::array({"*"})}});
  return result;
}

json body_of(const route& x, const std::vector<noted_rule>& rules) {
  if (x.takes_any_content)
    return {{"required", false}, {"content", {{"*/*", json::object()}}}};
  std::vector<const schema*> bodies;
  for (auto& rule : rules)
    if (rule.part == request_part::body)
      bodies.push_back(&rule.rules);
  if (bodies.empty())
    return nullptr;
  auto content
    = json{{"schema", bodies.front()->description()}, {"example", bodies.front()->example()}};
  if (bodies.size() > 1) {
    auto all = json::array();
    for (auto* each : bodies)
      all.push_back(each->description());
    content = {{"schema", {{"allOf", std::move(all)}}}, {"example", bodies.back()->example()}};
  }
  return {{"required", true}, {"content", {{media_type, std::move(content)}}}};
}

json success_of(const route_facts& facts) {
  json result{{"description", "Done"}};
  if (facts.example.empty())
    return result;
  auto shape = json::parse(facts.example);
  json content{{"schema", shape_schema(shape)}};
  if (!shape.is_null())
    content["example"] = shape_example(shape);
  result["content"] = {{media_type, std::move(content)}};
  return result;
}

// What every route can answer, by what it asks for.
std::vector<route_error> errors_of(const route& x, const std::vector<noted_rule>& rules) {
  std::vector<route_error> result;
  for (auto& rule : rules)
    result.push_back({400, refusal_code(rule.part)});
  result.push_back({400, "invalid_request"});
  if (x.rules)
    result.push_back({400, "invalid_json"});
  result.insert(result.end(), x.facts.errors.begin(), x.facts.errors.end());
  if (x.needs != access::open) {
    for (auto code : {"missing_auth_header", "malformed_auth_header", "invalid_secret_key_format",
                      "unknown_account"})
      result.push_back({401, code});
    result.push_back({403, "forbidden"});
    result.push_back({429, "too_many_request"});
    if (!x.takes_any_content)
      result.push_back({415, "invalid_content_type"});
  }
  result.push_back({500, "generic_error_support"});
  result.push_back({503, "service_unavailable"});
  return result;
}

json answers_of(const route& x, const std::vector<noted_rule>& rules) {
  std::map<int, std::vector<std::string>> codes;
  for (auto& error : errors_of(x, rules)) {
    auto& known = codes[error.status];
    if (std::find(known.begin(), known.end(), error.code) == known.end())
      known.push_back(error.code);
  }
  json result{{std::to_string(x.facts.status), success_of(x.facts)}};
  for (auto& [status, names] : codes)
    result[std::to_string(status)] = error_answer(names);
  return result;
}

json operation(const route& x, const std::string& method, const std::vector<noted_rule>& rules) {
  json result{{"operationId", operation_id(method, x.path)},
              {"summary", x.facts.summary},
              {"security", security_of(x)}};
  if (auto parameters = parameters_of(x.path, rules); !parameters.empty())
    result["parameters"] = std::move(parameters);
  if (auto body = body_of(x, rules); !body.is_null() && method != "get")
    result["requestBody"] = std::move(body);
  result["responses"] = answers_of(x, rules);
  return result;
}

} // namespace

json openapi_document(const std::vector<route>& routes) {
  auto paths = json::object();
  for (auto& each : routes) {
    auto rules = each.rules ? each.rules() : std::vector<noted_rule>{};
    auto& slot = paths[template_of(each.path)];
    for (auto& method : methods_of(each))
      slot[method] = operation(each, method, rules);
  }
  return {{"openapi", "3.1.0"},
          {"info",
           {{"title", "Varia"},
            {"version", "1.0.0"},
            {"description", "Syncs of third-party data, with as many variants as there are parts "
                            "of it. See docs/api.md."}}},
          {"paths", std::move(paths)},
          {"components",
           {{"securitySchemes",
             {{"key",
               {{"type", "http"},
                {"scheme", "bearer"},
                {"description", "An API key: a version-4 UUID. The names are its scopes."}}}}},
            {"schemas", {{"Error", error_schema()}}}}}};
}

std::vector<route> openapi_routes() {
  route result;
  result.method = "GET";
  result.path = "/openapi.json";
  result.needs = access::open;
  result.facts = route_facts{"Serves this document"}.answers(200, R"({"openapi":"3.1.0"})");
  result.answer = [](const http_request&) {
    static const auto document = openapi_document(all_routes(api_context{})).dump();
    http_response answer;
    answer.body = document;
    return answer;
  };
  return {std::move(result)};
}

} // namespace varia
