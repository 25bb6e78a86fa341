#pragma once

#include "console/client.hpp"
#include "console/verbs.hpp"

#include <functional>
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
  std::string watch;    ///< As it was written.
  client_config server; ///< Defaults first, then what the words say.
};

/// Adds the options that say where the server is and how to be let in.
void add_server(CLI::App& app, client_config& server);

/// Adds a subcommand for every verb. Once the words of one are read, `line` holds what they came
/// to, and `chosen` is called.
void add_verbs(CLI::App& app, verb_line& line, const std::function<void()>& chosen);

/// Runs the verb of a line and returns the exit code of the program.
int run_line(const verb_line& line, std::ostream& out, std::ostream& errors);

} // namespace varia
