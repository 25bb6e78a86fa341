#include "console/verbs.hpp"

#include "console/bulk.hpp"

#include <algorithm>
#include <cctype>
#include <fstream>
#include <iostream>
#include <iterator>
#include <string_view>
#include <utility>

namespace varia {

namespace {

using json = nlohmann::ordered_json;

} // namespace

verb verb::with_method(const char* name) const {
  auto result = *this;
  result.method = name;
  return result;
}

verb verb::with_query() const {
  auto result = *this;
  result.sends_body = false;
  return result;
}

verb verb::with_rows(const char* field, std::vector<verb_column> of) const {
  auto result = *this;
  result.rows = field;
  result.columns = std::move(of);
  return result;
}

verb verb::destroying(const char* what) const {
  auto result = *this;
  result.destroys = what;
  return result;
}

verb verb::following(follow_rule rule) const {
  auto result = *this;
  result.follow = rule;
  return result;
}

verb verb::sending(const char* parameter, const char* value) const {
  auto result = *this;
  result.constants.emplace_back(parameter, value);
  return result;
}

verb verb::doing(verb_action what) const {
  auto result = *this;
  result.action = std::move(what);
  return result;
}

verb question(const char* words, const char* help, const char* path, const char* rows,
              std::vector<verb_column> columns, std::vector<verb_argument> arguments) {
  return {words, help, path, rows, std::move(columns), std::move(arguments)};
}

verb order(const char* words, const char* help, const char* path,
           std::vector<verb_argument> arguments) {
  verb result{words, help, path, "", {}, std::move(arguments)};
  result.is_order = true;
  result.sends_body = true;
  result.method = "POST";
  return result;
}

verb bulk_order(const char* words, const char* help, const char* path, bulk_rule rule,
                std::vector<verb_argument> arguments) {
  auto result = order(words, help, path, std::move(arguments));
  result.bulk = rule;
  return result.with_rows("results", {{"INTEGRATION", "/provider_config_key"},
                                      {"CONNECTION", "/connection_id"},
                                      {"SYNC", "/sync"},
                                      {"VARIANT", "/variant"},
                                      {"OUTCOME", "/outcome"},
                                      {"WHY NOT", "/error"}});
}

verb own_verb(const char* words, const char* help, verb_action what,
              std::vector<verb_argument> arguments) {
  return verb{words, help, "", "", {}, std::move(arguments)}.doing(std::move(what));
}

std::vector<verb_argument> arguments_of(const verb& which) {
  if (which.bulk == bulk_rule::none)
    return which.arguments;
  auto result = selector_arguments();
  result.insert(result.end(), which.arguments.begin(), which.arguments.end());
  return result;
}

verb local_verb(const char* words, const char* help, verb_action what,
                std::vector<verb_argument> arguments) {
  auto result = own_verb(words, help, std::move(what), std::move(arguments));
  result.is_local = true;
  return result;
}

bool is_positional(const verb_argument& x) {
  return std::string_view{x.title}.substr(0, 2) != "--";
}

std::string option_of(const verb_argument& x) {
  if (!is_positional(x))
    return x.title;
  std::string result{"--"};
  for (char c : std::string_view{x.title})
    result += c == ' ' || c == '_' ? '-' : static_cast<char>(std::tolower(c));
  return result;
}

const verb* find_verb(const std::string& words) {
  auto& all = verbs();
  auto i = std::find_if(all.begin(), all.end(), [&](auto& x) { return x.words == words; });
  return i == all.end() ? nullptr : &*i;
}

namespace {

std::string text_of(const std::string& file) {
  std::ifstream stream;
  if (file != "-")
    stream.open(file);
  std::istream& source = file == "-" ? std::cin : stream;
  return source ? std::string{std::istreambuf_iterator<char>{source}, {}} : std::string{};
}

expected<json> read_object(const std::string& file) {
  if (file != "-" && !std::ifstream{file})
    return fail(errc::invalid, file + ": cannot be read");
  auto result = json::parse(text_of(file), nullptr, false);
  if (!result.is_object())
    return fail(errc::invalid, file + ": is not a JSON object");
  return result;
}

json list_of(const std::string& text) {
  auto result = json::array();
  for (size_t begin = 0; begin <= text.size();) {
    auto end = std::min(text.find(',', begin), text.size());
    if (end > begin)
      result.push_back(text.substr(begin, end - begin));
    begin = end + 1;
  }
  return result;
}

expected<json> value_of(const verb_argument& x, const std::string& text) {
  auto value = json::parse(text, nullptr, false);
  switch (x.kind) {
    case argument_kind::flag: return json(true);
    case argument_kind::list: return list_of(text);
    case argument_kind::number:
      if (!value.is_number_unsigned())
        return fail(errc::invalid, std::string{x.title} + " is not a number: " + text);
      return value;
    case argument_kind::json:
      if (value.is_discarded())
        return fail(errc::invalid, std::string{x.title} + " is not JSON: " + text);
      return value;
    default: return json(text);
  }
}

// A parameter with a slash in front is a JSON pointer into the body.
json& member_of(json& body, const std::string& parameter) {
  return parameter[0] == '/' ? body[json::json_pointer{parameter}] : body[parameter];
}

expected<void> add_argument(const verb_argument& x, const std::string& text, json& to) {
  if (x.kind == argument_kind::path)
    return caf::unit;
  auto value = x.kind == argument_kind::file ? read_object(text) : value_of(x, text);
  if (!value)
    return std::move(value.error());
  if (x.kind == argument_kind::file)
    to.update(*value);
  else
    member_of(to, x.parameter) = std::move(*value);
  return caf::unit;
}

std::string text_in_path(const json& value) {
  return value.is_string() ? value.get<std::string>() : value.dump();
}

// Moves the members that the path has in braces into it.
expected<std::string> fill_path(const std::string& path, json& members) {
  auto begin = path.find('{');
  if (begin == std::string::npos)
    return path;
  auto end = path.find('}', begin);
  auto name = path.substr(begin + 1, end - begin - 1);
  auto value = members.find(name);
  if (value == members.end())
    return fail(errc::invalid, name + " is missing");
  auto text = percent_encode(text_in_path(*value));
  members.erase(name);
  auto rest = fill_path(path.substr(end + 1), members);
  if (!rest)
    return rest;
  return path.substr(0, begin) + text + *rest;
}

std::string query_of(const json& members) {
  std::string result;
  for (auto& [name, value] : members.items())
    result += (result.empty() ? '?' : '&') + name + '=' + percent_encode(text_in_path(value));
  return result;
}

expected<json> members_of(const verb& which, const verb_values& values) {
  auto result = json::object();
  for (auto& x : which.arguments)
    if (auto value = values.find(x.parameter); value != values.end() && !value->second.empty()) {
      if (auto added = add_argument(x, value->second, result); !added)
        return std::move(added.error());
      if (x.kind == argument_kind::list && !which.sends_body)
        result[x.parameter] = value->second;
    }
  for (auto& [name, text] : which.constants)
    member_of(result, name) = json::parse(text);
  return result;
}

} // namespace

expected<verb_message> message_of(const verb& which, const verb_values& values,
                                  const json& besides) {
  auto members = members_of(which, values);
  if (!members)
    return std::move(members.error());
  members->update(besides);
  auto path = fill_path(which.path, *members);
  if (!path)
    return std::move(path.error());
  if (which.sends_body)
    return verb_message{which.method, std::move(*path), members->dump()};
  return verb_message{which.method, *path + query_of(*members), ""};
}

std::string fill_in(const std::string& text, const verb_values& values) {
  std::string result;
  for (size_t i = 0; i < text.size(); ++i) {
    auto end = text[i] == '{' ? text.find('}', i) : std::string::npos;
    if (end == std::string::npos) {
      result += text[i];
      continue;
    }
    auto value = values.find(text.substr(i + 1, end - i - 1));
    result += value == values.end() ? "" : value->second;
    i = end;
  }
  return result;
}

} // namespace varia
