#include "console/watch.hpp"

#include "console/exit_code.hpp"
#include "console/interrupt.hpp"
#include "console/terminal.hpp"

#include <algorithm>
#include <ctime>
#include <sstream>

namespace varia {

namespace {

constexpr auto home = "\x1b[H";
constexpr auto cut_lines = "\x1b[?7l"; // Not to have them go on in the next one.
constexpr auto wrap_lines = "\x1b[?7h";
constexpr auto clear_line = "\x1b[K\n";
constexpr auto clear_rest = "\x1b[J";

constexpr size_t lines_default = 24;

std::string time_of_day() {
  auto now = std::time(nullptr);
  std::tm parts{};
  localtime_r(&now, &parts);
  std::ostringstream result;
  char text[16];
  result.write(text, static_cast<std::streamsize>(std::strftime(text, sizeof text, "%T", &parts)));
  return result.str();
}

std::string title_of(const verb_call& call) {
  auto every = static_cast<double>(call.options.watch->count()) / 1000;
  std::ostringstream result;
  result << "varia " << call.which.words << "  every " << every << "s  " << time_of_day();
  return result.str();
}

void show(const verb_call& call, const std::string& text) {
  if (!call.options.is_terminal)
    call.out << text;
  else
    call.out << frame_of(title_of(call), text, std::max(terminal_height(), lines_default / 2));
  call.out.flush();
}

} // namespace

std::string frame_of(const std::string& title, const std::string& text, size_t lines) {
  auto count = static_cast<size_t>(std::count(text.begin(), text.end(), '\n'));
  // The title, a blank line below it, and the last line, in which the cursor stays.
  auto room = lines > 4 ? lines - 3 : 1;
  auto shown = count > room ? room - 1 : count;
  std::string result = std::string{cut_lines} + home + title + clear_line + clear_line;
  std::istringstream all{text};
  std::string line;
  for (size_t i = 0; i < shown && std::getline(all, line); ++i)
    result += line + clear_line;
  if (shown < count)
    result += "... and " + std::to_string(count - shown) + " more lines" + clear_line;
  return result + clear_rest + wrap_lines;
}

int run_watched(const verb_call& call, const std::function<int(const verb_call&)>& run) {
  interrupt_guard guard;
  do {
    std::ostringstream text;
    auto code = run({call.which, call.values, call.server, call.options, text, text});
    if (is_interrupted())
      break;
    if (code != exit_code::ok && code != exit_code::unavailable) {
      call.errors << text.str();
      return code;
    }
    show(call, text.str());
  } while (guard.wait(*call.options.watch));
  return exit_code::ok;
}

} // namespace varia
