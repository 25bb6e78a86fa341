#pragma once

#include <cstddef>
#include <string>
#include <utility>
#include <vector>

namespace varia {

/// An option of a command, or a word that stands at its place.
struct command_option {
  std::vector<std::string> names; ///< Such as "-o" and "--output"; empty: by its place alone.
  std::string title;              ///< Of a word at its place, such as "SYNC"; empty: none.
  std::string value;              ///< What follows the name; empty: nothing does.
  std::string help;
  std::string group; ///< Under which it is listed; those of "Server" and "Output" are everywhere.
  bool is_required = false;
  bool repeats = false;             ///< May be given many times.
  std::vector<std::string> choices; ///< All values there are, if they are known.
};

/// What can be typed after `varia`: one tree, from which completion, hints and the manual come.
struct command {
  std::string name;
  std::string help;
  std::vector<command_option> options;
  std::vector<command> commands;
};

/// Returns the command of this name in another; null if there is none.
const command* find_command(const command& in, const std::string& name);

/// The words of a line as far as they can be understood.
struct understood_line {
  const command* which = nullptr;         ///< The innermost command that is named.
  std::vector<std::string> words;         ///< That name it.
  size_t positional = 0;                  ///< How many words stand at their places already.
  const command_option* awaits = nullptr; ///< The option whose value is next.
  std::vector<std::pair<std::string, std::string>> values; ///< What was given, by lower-case name.
};

/// Reads the words of a line that is not finished. Never fails: what makes no sense is passed over.
understood_line understand(const command& root, const std::vector<std::string>& words);

/// Returns the word that stands at the next free place; null if there is none.
const command_option* next_place(const understood_line& line);

/// True if the line has a value for the option already.
bool is_given(const understood_line& line, const command_option& x);

/// The name under which the values of an option are known: "sync" of "SYNC" and "--sync".
std::string value_name(const command_option& x);

/// What may follow the words of a line, to show behind the cursor: "CONNECTION SYNC [--watch]".
std::string hint_for(const command& root, const std::vector<std::string>& words);

} // namespace varia
