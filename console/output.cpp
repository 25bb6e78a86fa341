#include "console/output.hpp"

#include "console/table.hpp"
#include "console/verbs.hpp"

#include <algorithm>
#include <string>
#include <utility>
#include <vector>

namespace varia {

namespace {

using json = nlohmann::ordered_json;

using cells = std::vector<std::string>;

std::string cell_of(const json& value) {
  if (value.is_null())
    return "";
  return value.is_string() ? value.get<std::string>() : value.dump();
}

std::string cell_at(const json& row, const char* field) {
  json::json_pointer pointer{field};
  return row.contains(pointer) ? cell_of(row.at(pointer)) : "";
}

std::vector<verb_column> columns_of(const verb& which, output_format format) {
  std::vector<verb_column> result;
  for (auto& column : which.columns)
    if (!column.is_wide || format != output_format::table)
      result.push_back(column);
  return result;
}

cells titles_of(const std::vector<verb_column>& columns) {
  cells result;
  for (auto& column : columns)
    result.emplace_back(column.title);
  return result;
}

cells cells_of(const std::vector<verb_column>& columns, const json& row) {
  cells result;
  for (auto& column : columns)
    result.push_back(cell_at(row, column.field));
  return result;
}

// One line per value, named by the way to it: "redis.version".
void add_facts(const std::string& name, const json& value, std::vector<cells>& to) {
  auto flat = json{{name, value}}.flatten();
  for (auto& [pointer, inner] : flat.items()) {
    auto way = pointer.substr(1);
    std::replace(way.begin(), way.end(), '/', '.');
    to.push_back({way, cell_of(inner)});
  }
}

const json* rows_of(const verb& which, const json& answer) {
  if (!answer.is_object())
    return nullptr;
  auto found = answer.find(which.rows);
  return found != answer.end() && found->is_array() ? &*found : nullptr;
}

std::vector<cells> facts_of(const json& answer, const json* rows) {
  std::vector<cells> result;
  for (auto& [key, value] : answer.items())
    if (&value != rows)
      add_facts(key, value, result);
  return result;
}

std::string render_table(cells titles, std::vector<cells> rows, const output_options& options) {
  table result{std::move(titles)};
  for (auto& row : rows)
    result.add(std::move(row));
  table_style style;
  style.width = options.format == output_format::wide ? 0 : options.width;
  style.has_titles = !options.is_quiet;
  style.has_colours = options.has_colours;
  return result.render(style);
}

std::string render_rows_as_table(const verb& which, const json& rows,
                                 const output_options& options) {
  auto columns = columns_of(which, options.format);
  std::vector<cells> lines;
  for (auto& row : rows)
    lines.push_back(cells_of(columns, row));
  return render_table(titles_of(columns), std::move(lines), options);
}

std::string render_tables(const verb& which, const json& answer, const output_options& options) {
  if (!answer.is_object())
    return answer.dump(2) + "\n";
  auto rows = rows_of(which, answer);
  auto facts = facts_of(answer, rows);
  std::string result;
  if (!facts.empty() && !(options.is_quiet && rows != nullptr))
    result += render_table({"WHAT", "VALUE"}, std::move(facts), options);
  if (rows != nullptr)
    result += (result.empty() ? "" : "\n") + render_rows_as_table(which, *rows, options);
  return result;
}

std::string csv_cell(const std::string& text) {
  if (text.find_first_of(",\"\r\n") == std::string::npos)
    return text;
  std::string result{'"'};
  for (auto c : text)
    result += c == '"' ? std::string{"\"\""} : std::string{c};
  return result + '"';
}

std::string csv_line(const cells& row) {
  std::string result;
  for (size_t i = 0; i < row.size(); ++i)
    result += (i > 0 ? "," : "") + csv_cell(row[i]);
  return result + "\r\n";
}

std::string csv_rows(const verb& which, const json& rows) {
  auto columns = columns_of(which, output_format::csv);
  std::string result;
  for (auto& row : rows)
    result += csv_line(cells_of(columns, row));
  return result;
}

std::string render_csv(const verb& which, const json& answer, const output_options& options) {
  auto rows = rows_of(which, answer);
  auto titles
    = rows != nullptr ? titles_of(columns_of(which, options.format)) : cells{"WHAT", "VALUE"};
  std::string result = options.is_quiet ? "" : csv_line(titles);
  if (rows != nullptr)
    return result + csv_rows(which, *rows);
  for (auto& fact : answer.is_object() ? facts_of(answer, nullptr) : std::vector<cells>{})
    result += csv_line(fact);
  return result;
}

std::string json_lines(const json& rows) {
  std::string result;
  for (auto& row : rows)
    result += row.dump() + "\n";
  return result;
}

} // namespace

std::string render_answer(const verb& which, const json& answer, const output_options& options) {
  auto rows = rows_of(which, answer);
  switch (options.format) {
    case output_format::json: return answer.dump(2) + "\n";
    case output_format::jsonl: return rows != nullptr ? json_lines(*rows) : answer.dump() + "\n";
    case output_format::csv: return render_csv(which, answer, options);
    default: return render_tables(which, answer, options);
  }
}

std::string render_rows(const verb& which, const json& rows, const output_options& options) {
  if (rows.empty())
    return "";
  auto plain = options;
  plain.is_quiet = true;
  switch (options.format) {
    case output_format::json:
    case output_format::jsonl: return json_lines(rows);
    case output_format::csv: return csv_rows(which, rows);
    default: return render_rows_as_table(which, rows, plain);
  }
}

} // namespace varia
