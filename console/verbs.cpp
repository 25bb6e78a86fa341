#include "console/verbs.hpp"

#include "console/table.hpp"

#include <algorithm>
#include <fstream>
#include <iterator>
#include <utility>

namespace varia {

namespace {

using json = nlohmann::ordered_json;

std::string cell_of(const json& value) {
  if (value.is_null())
    return "";
  return value.is_string() ? value.get<std::string>() : value.dump();
}

std::string cell_at(const json& row, const char* field) {
  json::json_pointer pointer{field};
  return row.contains(pointer) ? cell_of(row.at(pointer)) : "";
}

// One line per value, named by the way to it: "redis.version".
void add_facts(const std::string& name, const json& value, table& to) {
  auto flat = json{{name, value}}.flatten();
  for (auto& [pointer, inner] : flat.items()) {
    auto way = pointer.substr(1);
    std::replace(way.begin(), way.end(), '/', '.');
    to.add({way, cell_of(inner)});
  }
}

std::string render_rows(const verb& which, const json& rows, size_t width) {
  std::vector<std::string> titles;
  for (auto& column : which.columns)
    titles.emplace_back(column.title);
  table result{std::move(titles)};
  for (auto& row : rows) {
    std::vector<std::string> cells;
    for (auto& column : which.columns)
      cells.push_back(cell_at(row, column.field));
    result.add(std::move(cells));
  }
  return result.render(width);
}

} // namespace

std::string render_answer(const verb& which, const json& answer, size_t width) {
  if (!answer.is_object())
    return answer.dump(2) + "\n";
  std::string result;
  table facts{{"WHAT", "VALUE"}};
  for (auto& [key, value] : answer.items())
    if (key != which.rows || !value.is_array())
      add_facts(key, value, facts);
  if (!facts.empty())
    result += facts.render(width);
  auto rows = answer.find(which.rows);
  if (rows != answer.end() && rows->is_array())
    result += (result.empty() ? "" : "\n") + render_rows(which, *rows, width);
  return result;
}

std::string path_of(const verb& which, const verb_values& values) {
  std::string result{which.path};
  if (which.is_order)
    return result;
  auto mark = '?';
  for (auto& x : which.arguments)
    if (auto value = values.find(x.parameter); value != values.end() && !value->second.empty()) {
      result += mark + std::string{x.parameter} + '=' + percent_encode(value->second);
      mark = '&';
    }
  return result;
}

namespace {

expected<json> read_object(const std::string& file) {
  std::ifstream stream{file};
  if (!stream)
    return fail(errc::invalid, file + ": cannot be read");
  std::string text{std::istreambuf_iterator<char>{stream}, {}};
  auto result = json::parse(text, nullptr, false);
  if (!result.is_object())
    return fail(errc::invalid, file + ": is not a JSON object");
  return result;
}

expected<json> number_of(const std::string& title, const std::string& text) {
  auto result = json::parse(text, nullptr, false);
  if (!result.is_number_unsigned())
    return fail(errc::invalid, title + " is not a number: " + text);
  return result;
}

expected<void> add_argument(const verb_argument& x, const std::string& value, json& body) {
  switch (x.kind) {
    case argument_kind::text: body[x.parameter] = value; return caf::unit;
    case argument_kind::flag: body[x.parameter] = true; return caf::unit;
    case argument_kind::number: {
      auto number = number_of(x.title, value);
      if (!number)
        return std::move(number.error());
      body[x.parameter] = std::move(*number);
      return caf::unit;
    }
    case argument_kind::file: {
      auto object = read_object(value);
      if (!object)
        return std::move(object.error());
      body.update(*object);
      return caf::unit;
    }
  }
  return caf::unit;
}

// Moves the members of the body that the path has in braces into it.
expected<std::string> fill_path(const std::string& path, json& body) {
  auto begin = path.find('{');
  if (begin == std::string::npos)
    return path;
  auto end = path.find('}', begin);
  auto name = path.substr(begin + 1, end - begin - 1);
  auto value = body.find(name);
  if (value == body.end() || !value->is_string())
    return fail(errc::invalid, name + " is missing");
  auto text = percent_encode(value->get<std::string>());
  body.erase(name);
  return fill_path(path.substr(0, begin) + text + path.substr(end + 1), body);
}

expected<json> ask(const verb& which, const verb_values& values, const client& asker) {
  if (!which.is_order)
    return asker.get_json(path_of(which, values));
  auto message = message_of(which, values);
  if (!message)
    return std::move(message.error());
  return asker.send_json(which.method, message->path, message->body);
}

} // namespace

expected<verb_message> message_of(const verb& which, const verb_values& values) {
  auto body = json::object();
  for (auto& x : which.arguments)
    if (auto value = values.find(x.parameter); value != values.end() && !value->second.empty())
      if (auto added = add_argument(x, value->second, body); !added)
        return std::move(added.error());
  auto path = fill_path(which.path, body);
  if (!path)
    return std::move(path.error());
  return verb_message{std::move(*path), body.dump()};
}

int run_verb(const verb& which, const verb_values& values, const client_config& server,
             output_format format, std::ostream& out, std::ostream& errors) {
  client asker{server};
  auto answer = ask(which, values, asker);
  if (!answer) {
    errors << "varia: " << detail_of(answer.error()) << "\n";
    return 1;
  }
  if (format == output_format::json)
    out << answer->dump(2) << "\n";
  else
    out << render_answer(which, *answer, terminal_width());
  return 0;
}

} // namespace varia
