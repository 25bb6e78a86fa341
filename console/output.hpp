#pragma once

#include "core/time.hpp"

#include <nlohmann/json.hpp>

#include <cstddef>
#include <functional>
#include <optional>
#include <string>

namespace varia {

struct verb;

/// How answers are written.
enum class output_format {
  table, ///< For people, as wide as the terminal.
  wide,  ///< All columns, as wide as they are.
  json,  ///< The answer as it came.
  jsonl, ///< A row a line, each a JSON object; the whole answer where it has no rows.
  csv,   ///< RFC 4180, with titles, all columns.
};

/// What the user wants of all verbs.
struct output_options {
  output_format format = output_format::table;
  size_t width = 0; ///< Of tables at most; 0: any.
  bool has_colours = false;
  bool is_quiet = false;   ///< No titles, no notes, and nothing of an order that was done.
  bool says_yes = false;   ///< What destroys something is not asked about.
  bool is_dry_run = false; ///< Of bulk orders: only tell what would be done.
  bool follows = false;    ///< Go on printing rows as they come.
  std::optional<milliseconds> watch; ///< Ask again after so long, until interrupted.
  bool is_terminal = false;          ///< A watched answer takes the place of the one before.
  /// Puts a question to the user and returns the answer; none where nobody can be asked.
  std::function<std::string(const std::string&)> ask;
};

/// Renders an answer: its single facts, then its rows. Fields that are not there stay empty; for
/// people, an answer that is no object is shown as JSON.
std::string render_answer(const verb& which, const nlohmann::ordered_json& answer,
                          const output_options& options);

/// Renders some rows of an answer alone, without titles: what `--follow` prints.
std::string render_rows(const verb& which, const nlohmann::ordered_json& rows,
                        const output_options& options);

} // namespace varia
