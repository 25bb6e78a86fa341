#include "api/openapi_parts.hpp"

#include "core/text.hpp"

#include <cstdlib>
#include <map>
#include <utility>

namespace varia {

namespace {

const std::map<request_part, const char*> places{{request_part::query, "query"},
                                                 {request_part::params, "path"},
                                                 {request_part::headers, "header"}};

bool is_number(const json& rules) {
  auto type = text_at(rules, "type");
  return type == "number" || type == "integer";
}

// Numbers in a query are texts to us, and numbers to everybody else.
json example_in(const json& rules, const json& example) {
  if (is_number(rules) && example.is_string())
    return json::parse(example.get<std::string>(), nullptr, false);
  return example;
}

json parameter(const std::string& name, const char* place, bool required, const json& rules) {
  json result{{"name", name}, {"in", place}, {"required", required}, {"schema", rules}};
  if (text_at(rules, "type") == "object")
    result["style"] = "deepObject";
  return result;
}

bool is_required(const json& rules, const std::string& name) {
  auto required = member(rules, "required");
  if (required != nullptr)
    for (auto& each : *required)
      if (each == name)
        return true;
  return false;
}

const schema* rules_of(const std::vector<noted_rule>& rules, request_part part) {
  for (auto& each : rules)
    if (each.part == part)
      return &each.rules;
  return nullptr;
}

// The name in ":name"; empty for any other part of a path.
std::string name_in(const std::string& part) {
  if (part == "*")
    return "path";
  return part.size() > 1 && part.front() == ':' ? part.substr(1) : std::string{};
}

void add_path(const std::string& path, const schema* rules, json& to) {
  for (auto& part : split(path, '/')) {
    auto name = name_in(part);
    if (name.empty())
      continue;
    auto wanted = json{{"type", "string"}};
    json example = "text";
    if (rules != nullptr)
      if (auto properties = member(rules->description(), "properties"))
        if (auto found = member(*properties, name)) {
          wanted = *found;
          if (auto shown = member(rules->example(), name))
            example = *shown;
        }
    auto result = parameter(name, "path", true, wanted);
    result["example"] = example;
    to.push_back(std::move(result));
  }
}

void add_named(const schema& rules, const char* place, json& to) {
  auto properties = member(rules.description(), "properties");
  if (properties == nullptr)
    return;
  for (auto& [name, wanted] : properties->items()) {
    auto result = parameter(name, place, is_required(rules.description(), name), wanted);
    if (auto example = member(rules.example(), name))
      result["example"] = example_in(wanted, *example);
    to.push_back(std::move(result));
  }
}

std::string bare(const std::string& key) {
  return !key.empty() && key.back() == '?' ? key.substr(0, key.size() - 1) : key;
}

} // namespace

std::string template_of(const std::string& path) {
  std::string result;
  for (auto& part : split(path, '/')) {
    if (part.empty())
      continue;
    auto name = name_in(part);
    result += '/';
    result += name.empty() ? part : '{' + name + '}';
  }
  return result.empty() ? "/" : result;
}

json parameters_of(const std::string& path, const std::vector<noted_rule>& rules) {
  auto result = json::array();
  add_path(path, rules_of(rules, request_part::params), result);
  for (auto part : {request_part::query, request_part::headers})
    for (auto& each : rules)
      if (each.part == part)
        add_named(each.rules, places.at(part), result);
  return result;
}

const char* refusal_code(request_part part) {
  switch (part) {
    case request_part::body: return "invalid_body";
    case request_part::query: return "invalid_query_params";
    case request_part::params: return "invalid_uri_params";
    case request_part::headers: return "invalid_headers";
  }
  return "invalid_request";
}

json error_schema() {
  json issue{{"type", "object"},
             {"properties",
              {{"code", {{"type", "string"}}},
               {"message", {{"type", "string"}}},
               {"path", {{"type", "array"}, {"items", {{"type", "string"}}}}}}},
             {"required", {"code", "message", "path"}}};
  json error{{"type", "object"},
             {"properties",
              {{"code", {{"type", "string"}}},
               {"message", {{"type", "string"}}},
               {"errors", {{"type", "array"}, {"items", std::move(issue)}}},
               {"payload", json::object()}}},
             {"required", json::array({"code"})}};
  return {{"type", "object"},
          {"properties", {{"error", std::move(error)}}},
          {"required", json::array({"error"})}};
}

json error_answer(const std::vector<std::string>& codes) {
  std::string names;
  for (auto& code : codes)
    names += (names.empty() ? "" : ", ") + code;
  json narrowed{
    {"type", "object"},
    {"properties",
     {{"error",
       {{"type", "object"}, {"properties", {{"code", {{"type", "string"}, {"enum", codes}}}}}}}}}};
  json wanted{{"allOf", {{{"$ref", "#/components/schemas/Error"}}, std::move(narrowed)}}};
  return {
    {"description", names},
    {"content",
     {{"application/json",
       {{"schema", std::move(wanted)}, {"example", {{"error", {{"code", codes.front()}}}}}}}}}};
}

json shape_schema(const json& shape) {
  if (shape.is_object()) {
    auto properties = json::object();
    auto required = json::array();
    for (auto& [key, value] : shape.items()) {
      properties[bare(key)] = shape_schema(value);
      if (bare(key) == key)
        required.push_back(key);
    }
    json result{{"type", "object"}, {"properties", std::move(properties)}};
    if (!required.empty())
      result["required"] = std::move(required);
    return result;
  }
  if (shape.is_array())
    return {{"type", "array"},
            {"items", shape.empty() ? json::object() : shape_schema(shape.front())}};
  if (shape.is_string())
    return {{"type", "string"}};
  if (shape.is_boolean())
    return {{"type", "boolean"}};
  return shape.is_number() ? json{{"type", "number"}} : json::object();
}

json shape_example(const json& shape) {
  if (shape.is_object()) {
    auto result = json::object();
    for (auto& [key, value] : shape.items())
      result[bare(key)] = shape_example(value);
    return result;
  }
  if (!shape.is_array())
    return shape;
  auto result = json::array();
  for (auto& each : shape)
    result.push_back(shape_example(each));
  return result;
}

} // namespace varia
