#pragma once

#include "console/command.hpp"
#include "console/server_choice.hpp"

#include <functional>
#include <map>
#include <string>
#include <vector>

namespace varia {

/// What the console is made of.
struct console_setup {
  command commands; ///< All that can be typed.
  std::map<std::string, std::string> environment;
  server_choice words; ///< About the server, from the command line.

  /// Runs the words of a line on a server and returns their exit code. Questions to the user go
  /// through the last one.
  std::function<int(const std::vector<std::string>&, const chosen_server&,
                    const std::function<std::string(const std::string&)>&)>
    run;
};

/// Runs the console until the end of the input or `exit`. On a terminal, lines are edited, and the
/// exit code is 0; else they are read as they are, and it is that of the last line that failed.
int run_console(const console_setup& setup);

/// Renders the prompt: the name of the server, and the leader and epoch that its status tells, if
/// there is one, the leader in short. Without control characters but those of colours.
std::string prompt_of(const std::string& name, const expected<nlohmann::ordered_json>& status,
                      bool has_colours);

} // namespace varia
