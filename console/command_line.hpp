#pragma once

#include "console/command.hpp"
#include "console/server_choice.hpp"
#include "console/verbs.hpp"

#include <functional>
#include <map>
#include <ostream>
#include <string>
#include <vector>

namespace CLI {
class App;
}

namespace varia {

/// What the words of a command came to.
struct verb_line {
  const verb* which = nullptr;
  verb_values values;
  output_options options;
  std::string watch; ///< As it was written.
  server_choice server;
};

/// Adds the options that say where the server is and how to be let in.
void add_server(CLI::App& app, server_choice& server);

/// Adds a subcommand for every verb. Once the words of one are read, `line` holds what they came
/// to, and `chosen` is called.
void add_verbs(CLI::App& app, verb_line& line, const std::function<void()>& chosen);

/// Returns all that can be typed, as the app has it.
command describe(const CLI::App& app);

/// Finds the server that the words, the environment and the user's file name.
expected<chosen_server> choose_server(const server_choice& words);

/// Returns the exit code for a server that could not be chosen.
int exit_code_of_choice(const caf::error& why);

/// Runs the verb of a line in the terminal of the program and returns the exit code.
int run_line(const verb_line& line, std::ostream& out, std::ostream& errors);

/// Runs the console, in which the verbs can be typed, and returns the exit code of the program.
int run_console(const server_choice& words);

/// Writes what the last of some words may become, one a line: for the completion of shells. Names
/// come from the server that the words name.
void print_completions(const command& root, std::vector<std::string> words, std::ostream& out);

} // namespace varia
