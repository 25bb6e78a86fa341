#include "api/validation.hpp"

#include "core/text.hpp"
#include "core/time.hpp"

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <optional>
#include <string_view>

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

// Texts are measured in characters, not bytes.
size_t length_of(const std::string& text) {
  return static_cast<size_t>(
    std::count_if(text.begin(), text.end(), [](char x) { return (x & 0xC0) != 0x80; }));
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

} // namespace

schema any_value() {
  return [](const json*, const json_path&, issues&) {};
}

schema text(std::vector<text_rule> rules) {
  return [rules = std::move(rules)](const json* value, const json_path& path, issues& found) {
    if (value == nullptr || !value->is_string())
      return expect("string", value, path, found);
    for (auto& rule : rules)
      rule(value->get_ref<const std::string&>(), path, found);
  };
}

schema boolean() {
  return [](const json* value, const json_path& path, issues& found) {
    if (value == nullptr || !value->is_boolean())
      expect("boolean", value, path, found);
  };
}

schema whole_number(double least, double most) {
  return [=](const json* value, const json_path& path, issues& found) {
    if (value == nullptr || !value->is_number())
      return expect("number", value, path, found);
    if (!value->is_number_integer())
      return expect("int", value, path, found);
    check_range(value->get<double>(), least, most, path, found);
  };
}

schema number_text(double least, double most) {
  return [=](const json* value, const json_path& path, issues& found) {
    auto read = value != nullptr && value->is_string() ? read_number(value->get<std::string>())
                                                       : std::nullopt;
    if (read)
      return check_range(*read, least, most, path, found);
    found.push_back({"invalid_type", "Invalid input: expected number, received NaN", path});
  };
}

schema one_of(std::vector<std::string> options) {
  std::string names;
  for (auto& option : options)
    names += (names.empty() ? "\"" : "|\"") + option + "\"";
  auto message = options.size() == 1 ? "Invalid input: expected " + names
                                     : "Invalid option: expected one of " + names;
  return [options = std::move(options),
          message = std::move(message)](const json* value, const json_path& path, issues& found) {
    if (value == nullptr || !value->is_string()
        || std::find(options.begin(), options.end(), value->get_ref<const std::string&>())
             == options.end())
      found.push_back({"invalid_value", message, path});
  };
}

schema object(fields declared, other_keys rest) {
  return [declared = std::move(declared), rest](const json* value, const json_path& path,
                                                issues& found) {
    if (value == nullptr || !value->is_object())
      return expect("object", value, path, found);
    for (auto& [name, rules] : declared)
      rules(member(*value, name), below(path, name), found);
    if (rest == other_keys::refused)
      refuse_others(*value, declared, path, found);
  };
}

schema record_of(schema value_rules) {
  return [rules = std::move(value_rules)](const json* value, const json_path& path, issues& found) {
    if (value == nullptr || !value->is_object())
      return expect("record", value, path, found);
    for (auto& [key, element] : value->items())
      rules(&element, below(path, key), found);
  };
}

schema list_of(schema element, size_t most) {
  return [element = std::move(element), most](const json* value, const json_path& path,
                                              issues& found) {
    if (value == nullptr || !value->is_array())
      return expect("array", value, path, found);
    for (size_t i = 0; i < value->size(); ++i)
      element(&(*value)[i], below(path, std::to_string(i)), found);
    if (value->size() > most)
      found.push_back(
        {"too_big", "Too big: expected array to have <=" + std::to_string(most) + " items", path});
  };
}

schema comma_list_of(schema part) {
  return
    [inner = list_of(std::move(part))](const json* value, const json_path& path, issues& found) {
      if (value == nullptr || !value->is_string())
        return expect("string", value, path, found);
      auto parts = json(split(value->get_ref<const std::string&>(), ','));
      inner(&parts, path, found);
    };
}

schema either(std::vector<schema> options, std::string message) {
  return [options = std::move(options),
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
  };
}

schema optional(schema inner) {
  return [inner = std::move(inner)](const json* value, const json_path& path, issues& found) {
    if (value != nullptr)
      inner(value, path, found);
  };
}

schema nullable(schema inner) {
  return [inner = std::move(inner)](const json* value, const json_path& path, issues& found) {
    if (value == nullptr || !value->is_null())
      inner(value, path, found);
  };
}

text_rule matches(bool (*predicate)(const std::string&), std::string pattern) {
  return [predicate, pattern = std::move(pattern)](const std::string& value, const json_path& path,
                                                   issues& found) {
    if (!predicate(value))
      found.push_back(
        {"invalid_format", "Invalid string: must match pattern /" + pattern + "/", path});
  };
}

text_rule at_least(size_t characters) {
  return [characters](const std::string& value, const json_path& path, issues& found) {
    if (length_of(value) < characters)
      found.push_back(
        {"too_small",
         "Too small: expected string to have >=" + std::to_string(characters) + " characters",
         path});
  };
}

text_rule at_most(size_t characters) {
  return [characters](const std::string& value, const json_path& path, issues& found) {
    if (length_of(value) > characters)
      found.push_back(
        {"too_big",
         "Too big: expected string to have <=" + std::to_string(characters) + " characters", path});
  };
}

text_rule holds(std::function<bool(const std::string&)> predicate, std::string message) {
  return [predicate = std::move(predicate), message = std::move(message)](
           const std::string& value, const json_path& path, issues& found) {
    if (!predicate(value))
      found.push_back({"custom", message, path});
  };
}

text_rule is_url() {
  return [](const std::string& value, const json_path& path, issues& found) {
    if (!is_http_url(value))
      found.push_back({"invalid_format", "Invalid URL", path});
  };
}

text_rule is_moment() {
  return [](const std::string& value, const json_path& path, issues& found) {
    if (parse_iso_z(value) < 0)
      found.push_back({"invalid_format", "Invalid ISO datetime", path});
  };
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

bool is_http_url(const std::string& text) {
  auto low = to_lower(text);
  auto start = low.rfind("https://", 0) == 0 ? size_t{8} : low.rfind("http://", 0) == 0 ? 7 : 0;
  auto blank = [](char x) { return static_cast<unsigned char>(x) <= ' '; };
  return start > 0 && text.size() > start
         && std::string_view{"/?#:@"}.find(text[start]) == std::string_view::npos
         && std::none_of(text.begin(), text.end(), blank);
}

} // namespace varia
