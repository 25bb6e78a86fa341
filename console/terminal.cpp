#include "console/terminal.hpp"

#include <cstdlib>
#include <iostream>
#include <string>

#include <sys/ioctl.h>
#include <unistd.h>

namespace varia {

namespace {

winsize terminal_size() {
  winsize result{};
  if (isatty(STDOUT_FILENO) == 0 || ioctl(STDOUT_FILENO, TIOCGWINSZ, &result) != 0)
    return {};
  return result;
}

std::string variable(const char* name) {
  auto text = std::getenv(name);
  return text == nullptr ? "" : text;
}

// On standard error, so that the question is seen wherever the answer to the verb goes.
std::string ask_at_terminal(const std::string& question) {
  std::cerr << question << std::flush;
  std::string answer;
  std::getline(std::cin, answer);
  return answer;
}

} // namespace

size_t terminal_width() {
  return terminal_size().ws_col;
}

size_t terminal_height() {
  return terminal_size().ws_row;
}

bool terminal_has_colours() {
  auto kind = variable("TERM");
  return isatty(STDOUT_FILENO) != 0 && variable("NO_COLOR").empty() && !kind.empty()
         && kind != "dumb";
}

void fit_to_terminal(output_options& options) {
  options.width = terminal_width();
  options.has_colours = terminal_has_colours();
  options.is_terminal = isatty(STDOUT_FILENO) != 0;
  if (isatty(STDIN_FILENO) != 0)
    options.ask = ask_at_terminal;
}

} // namespace varia
