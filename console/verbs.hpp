#pragma once

#include "console/client.hpp"

#include <map>
#include <ostream>
#include <string>
#include <vector>

namespace varia {

enum class output_format { table, json };

/// A column of a listing: its title and the field it shows.
struct verb_column {
  const char* title;
  const char* field; ///< A JSON pointer into the row, such as "/name".
};

/// What an argument is, and how an order sends it.
enum class argument_kind {
  text,
  number,
  flag, ///< An option without a value, such as --dry-run; sent as true.
  file, ///< The path of a file with a JSON object, whose members are sent.
};

/// A word that follows those of a verb: how help shows it and which parameter it is.
struct verb_argument {
  const char* title;
  const char* parameter; ///< Of the query or body, such as "sync".
  const char* help;
  argument_kind kind = argument_kind::text;
  bool is_optional = false;
};

/// A one-shot question or order to a server. Verbs are data: the program and the tests read one
/// table.
struct verb {
  const char* words; ///< What the user types, such as "workers list".
  const char* help;
  const char* path; ///< Of an order, it may have a parameter in it, such as "{name}".
  const char* rows; ///< The field of the answer that holds the rows.
  std::vector<verb_column> columns;
  std::vector<verb_argument> arguments = {};
  bool is_order = false;       ///< The arguments are sent as a JSON object, not in the query.
  const char* method = "POST"; ///< Of an order.
};

const std::vector<verb>& verbs();

/// The values of a verb's arguments, by parameter.
using verb_values = std::map<std::string, std::string>;

/// Returns the path of a verb, of a question with the values of its arguments as the query.
std::string path_of(const verb& which, const verb_values& values);

/// What an order sends, and where.
struct verb_message {
  std::string path;
  std::string body;
};

/// Builds the message of an order. Fails with `invalid`, in words, if a value is not what it is to
/// be, or a file cannot be read.
expected<verb_message> message_of(const verb& which, const verb_values& values);

/// Asks the server and prints its answer; errors go to `errors`. Returns the exit code of the
/// program: 0, or 1 if the server refused or did not answer.
int run_verb(const verb& which, const verb_values& values, const client_config& server,
             output_format format, std::ostream& out, std::ostream& errors);

/// Renders an answer as tables of at most `width` columns (0: of any width): its single facts, then
/// its rows. Fields that are not there stay empty; an answer that is no object is shown as JSON.
std::string render_answer(const verb& which, const nlohmann::ordered_json& answer, size_t width);

} // namespace varia
