#include "api/validation.hpp"

#include "core/text.hpp"

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <optional>

namespace varia {

namespace {

std::string type_of(const json* value) {
  if (value == nullptr)
    return "undefined";
  if (value->is_null())
    return "null";
  if (value->is_string())
    return "string";
  if (value->is_boolean())
    return "boolean";
  if (value->is_number())
    return "number";
  return value->is_array() ? "array" : "object";
}

void expect(const char* type, const json* value, const json_path& path, issues& found) {
  found.push_back({"invalid_type",
                   std::string{"Invalid input: expected "} + type + ", received " + type_of(value),
                   path});
}

json_path below(const json_path& path, std::string step) {
  auto result = path;
  result.push_back(std::move(step));
  return result;
}

std::string shown(double x) {
  return json(static_cast<int64_t>(x)).dump();
}

void check_range(double value, double least, double most, const json_path& path, issues& found) {
  if (value < least)
    found.push_back({"too_small", "Too small: expected number to be >=" + shown(least), path});
  if (value > most)
    found.push_back({"too_big", "Too big: expected number to be <=" + shown(most), path});
}

// Zod goes on after these, so an option of a union that has only such issues was the meant one.
bool is_about_content(const issue& x) {
  return x.code == "invalid_format" || x.code == "too_small" || x.code == "too_big"
         || x.code == "custom";
}

void refuse_others(const json& value, const fields& declared, const json_path& path,
                   issues& found) {
  std::string names;
  auto count = 0;
  for (auto& [key, ignored] : value.items()) {
    auto same = [&, name = key](auto& field) { return field.first == name; };
    if (std::any_of(declared.begin(), declared.end(), same))
      continue;
    names += (count++ == 0 ? "\"" : ", \"") + key + "\"";
  }
  if (count > 0)
    found.push_back({"unrecognized_keys",
                     (count == 1 ? "Unrecognized key: " : "Unrecognized keys: ") + names, path});
}

std::optional<double> read_number(const std::string& raw) {
  auto trimmed = std::string{trim(raw)};
  if (trimmed.empty())
    return 0;
  if (trimmed.find_first_not_of("0123456789.+-eE") != std::string::npos)
    return std::nullopt;
  char* end = nullptr;
  auto value = std::strtod(trimmed.c_str(), &end);
  if (*end != '\0' || !std::isfinite(value))
    return std::nullopt;
  return value;
}

json whole(double x) {
  return static_cast<int64_t>(x);
}

json range(const char* type, double least, double most) {
  return {{"type", type}, {"minimum", whole(least)}, {"maximum", whole(most)}};
}

// The last example that a rule has is the most special one.
json example_of(const std::vector<text_rule>& rules) {
  json result = "text";
  for (auto& rule : rules)
    if (!rule.example.is_null())
      result = rule.example;
  return result;
}

json description_of(const std::vector<text_rule>& rules) {
  json result{{"type", "string"}};
  for (auto& rule : rules)
    result.update(rule.description);
  return result;
}

json description_of(const fields& declared, other_keys rest) {
  auto properties = json::object();
  auto required = json::array();
  for (auto& [name, rules] : declared) {
    properties[name] = rules.description();
    if (!rules.may_be_absent())
      required.push_back(name);
  }
  json result{{"type", "object"}, {"properties", std::move(properties)}};
  if (!required.empty())
    result["required"] = std::move(required);
  if (rest == other_keys::refused)
    result["additionalProperties"] = false;
  return result;
}

json example_of(const fields& declared) {
  auto result = json::object();
  for (auto& [name, rules] : declared)
    if (!rules.may_be_absent())
      result[name] = rules.example();
  return result;
}

} // namespace

schema schema::shown_as(json example) const {
  return {parts_->judges, parts_->description, std::move(example), parts_->may_be_absent};
}

schema any_value() {
  return {[](const json*, const json_path&, issues&) {}, json::object(), json::object(), true};
}

schema text(std::vector<text_rule> rules) {
  auto description = description_of(rules);
  auto example = example_of(rules);
  return {[rules = std::move(rules)](const json* value, const json_path& path, issues& found) {
            if (value == nullptr || !value->is_string())
              return expect("string", value, path, found);
            for (auto& rule : rules)
              rule.judges(value->get_ref<const std::string&>(), path, found);
          },
          std::move(description), std::move(example)};
}

schema boolean() {
  return {[](const json* value, const json_path& path, issues& found) {
            if (value == nullptr || !value->is_boolean())
              expect("boolean", value, path, found);
          },
          {{"type", "boolean"}},
          true};
}

schema whole_number(double least, double most) {
  return {[=](const json* value, const json_path& path, issues& found) {
            if (value == nullptr || !value->is_number())
              return expect("number", value, path, found);
            if (!value->is_number_integer())
              return expect("int", value, path, found);
            check_range(value->get<double>(), least, most, path, found);
          },
          range("integer", least, most), whole(least)};
}

schema number_text(double least, double most) {
  return {[=](const json* value, const json_path& path, issues& found) {
            auto read = value != nullptr && value->is_string()
                          ? read_number(value->get<std::string>())
                          : std::nullopt;
            if (read)
              return check_range(*read, least, most, path, found);
            found.push_back({"invalid_type", "Invalid input: expected number, received NaN", path});
          },
          range("number", least, most), shown(least)};
}

schema one_of(std::vector<std::string> options) {
  std::string names;
  for (auto& option : options)
    names += (names.empty() ? "\"" : "|\"") + option + "\"";
  auto message = options.size() == 1 ? "Invalid input: expected " + names
                                     : "Invalid option: expected one of " + names;
  json description{{"type", "string"}, {"enum", options}};
  json example = options.front();
  return {[options = std::move(options),
           message = std::move(message)](const json* value, const json_path& path, issues& found) {
            if (value == nullptr || !value->is_string()
                || std::find(options.begin(), options.end(), value->get_ref<const std::string&>())
                     == options.end())
              found.push_back({"invalid_value", message, path});
          },
          std::move(description), std::move(example)};
}

schema object(fields declared, other_keys rest) {
  auto description = description_of(declared, rest);
  auto example = example_of(declared);
  return {[declared = std::move(declared), rest](const json* value, const json_path& path,
                                                 issues& found) {
            if (value == nullptr || !value->is_object())
              return expect("object", value, path, found);
            for (auto& [name, rules] : declared)
              rules(member(*value, name), below(path, name), found);
            if (rest == other_keys::refused)
              refuse_others(*value, declared, path, found);
          },
          std::move(description), std::move(example)};
}

schema record_of(schema value_rules) {
  json description{{"type", "object"}, {"additionalProperties", value_rules.description()}};
  return {
    [rules = std::move(value_rules)](const json* value, const json_path& path, issues& found) {
      if (value == nullptr || !value->is_object())
        return expect("record", value, path, found);
      for (auto& [key, element] : value->items())
        rules(&element, below(path, key), found);
    },
    std::move(description), json::object()};
}

schema list_of(schema element, size_t most) {
  json description{{"type", "array"}, {"items", element.description()}};
  if (most != SIZE_MAX)
    description["maxItems"] = most;
  auto example = json::array({element.example()});
  return {
    [element = std::move(element), most](const json* value, const json_path& path, issues& found) {
      if (value == nullptr || !value->is_array())
        return expect("array", value, path, found);
      for (size_t i = 0; i < value->size(); ++i)
        element(&(*value)[i], below(path, std::to_string(i)), found);
      if (value->size() > most)
        found.push_back({"too_big",
                         "Too big: expected array to have <=" + std::to_string(most) + " items",
                         path});
    },
    std::move(description), std::move(example)};
}

schema comma_list_of(schema part) {
  auto example = part.example();
  return {
    [inner = list_of(std::move(part))](const json* value, const json_path& path, issues& found) {
      if (value == nullptr || !value->is_string())
        return expect("string", value, path, found);
      auto parts = json(split(value->get_ref<const std::string&>(), ','));
      inner(&parts, path, found);
    },
    {{"type", "string"}, {"description", "a list with commas"}},
    std::move(example)};
}

schema either(std::vector<schema> options, std::string message) {
  auto choices = json::array();
  for (auto& option : options)
    choices.push_back(option.description());
  auto example = options.front().example();
  return {[options = std::move(options),
           message = std::move(message)](const json* value, const json_path& path, issues& found) {
            std::vector<issues> meant;
            for (auto& option : options) {
              issues local;
              option(value, path, local);
              if (local.empty())
                return;
              if (std::all_of(local.begin(), local.end(), is_about_content))
                meant.push_back(std::move(local));
            }
            if (meant.size() == 1)
              found.insert(found.end(), meant.front().begin(), meant.front().end());
            else
              found.push_back({"invalid_union", message, path});
          },
          {{"anyOf", std::move(choices)}},
          std::move(example)};
}

schema refined(schema inner, schema::judge further) {
  auto description = inner.description();
  auto example = inner.example();
  return {[inner = std::move(inner),
           further = std::move(further)](const json* value, const json_path& path, issues& found) {
            auto before = found.size();
            inner(value, path, found);
            if (found.size() == before)
              further(value, path, found);
          },
          std::move(description), std::move(example)};
}

schema optional(schema inner) {
  auto description = inner.description();
  auto example = inner.example();
  return {[inner = std::move(inner)](const json* value, const json_path& path, issues& found) {
            if (value != nullptr)
              inner(value, path, found);
          },
          std::move(description), std::move(example), true};
}

schema nullable(schema inner) {
  json description{{"anyOf", {inner.description(), {{"type", "null"}}}}};
  auto example = inner.example();
  return {[inner = std::move(inner)](const json* value, const json_path& path, issues& found) {
            if (value == nullptr || !value->is_null())
              inner(value, path, found);
          },
          std::move(description), std::move(example)};
}

issues check(const schema& rules, const json* value) {
  issues found;
  rules(value, {}, found);
  return found;
}

const json* member(const json& object, const std::string& key) {
  auto found = object.find(key);
  return found == object.end() ? nullptr : &*found;
}

std::string text_at(const json& object, const std::string& key, const std::string& otherwise) {
  auto value = member(object, key);
  return value != nullptr && value->is_string() ? value->get<std::string>() : otherwise;
}

bool flag_at(const json& object, const std::string& key, bool otherwise) {
  auto value = member(object, key);
  return value != nullptr && value->is_boolean() ? value->get<bool>() : otherwise;
}

json query_object(const std::vector<std::pair<std::string, std::string>>& query) {
  auto result = json::object();
  for (auto& [name, value] : query) {
    auto open = name.find('[');
    auto bracket = open != std::string::npos && open > 0 && name.back() == ']';
    auto inner = bracket ? name.substr(open + 1, name.size() - open - 2) : std::string{};
    auto& slot = result[bracket ? name.substr(0, open) : name];
    if (bracket && inner.find_first_not_of("0123456789") != std::string::npos) {
      if (slot.is_null() || slot.is_object())
        slot[inner] = value;
    } else if (slot.is_array()) {
      slot.push_back(value);
    } else if (slot.is_string()) {
      slot = json::array({std::move(slot), value});
    } else if (slot.is_null()) {
      slot = bracket ? json::array({value}) : json(value);
    }
  }
  return result;
}

} // namespace varia
