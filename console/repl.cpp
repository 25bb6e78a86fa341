#include "console/repl.hpp"

#include "console/completer.hpp"
#include "console/exit_code.hpp"
#include "console/history.hpp"
#include "console/interrupt.hpp"
#include "console/line_editor.hpp"
#include "console/names.hpp"
#include "console/private_file.hpp"
#include "console/terminal.hpp"
#include "console/words.hpp"

#include <chrono>
#include <iostream>
#include <memory>
#include <optional>
#include <utility>

#include <unistd.h>

namespace varia {

namespace {

using json = nlohmann::ordered_json;

constexpr milliseconds status_patience{1000};

constexpr std::chrono::seconds status_kept{2};

constexpr auto mark = '\1'; // Around what takes no room on the screen.

std::string printable(std::string text) {
  for (auto& c : text)
    if (static_cast<unsigned char>(c) < 0x20 || c == 0x7f)
      c = ' ';
  return text;
}

std::string coloured(const char* colour, const std::string& text, bool has_colours) {
  if (!has_colours)
    return text;
  return std::string{mark} + colour + mark + text + mark + "\x1b[0m" + mark;
}

command_option word(const char* title) {
  command_option result;
  result.title = title;
  result.repeats = true;
  return result;
}

// A coordinator without a name of its own is called after its host, process, and a random number.
std::string short_name(const std::string& coordinator) {
  auto end = coordinator.find('/', coordinator.find('/') + 1);
  return coordinator.find('/') == coordinator.npos ? coordinator : coordinator.substr(0, end);
}

// What can be typed here and nowhere else.
void add_own_commands(command& root) {
  root.commands.push_back(
    {"help", "Show what there is, or how a command is used", {word("COMMAND")}, {}});
  root.commands.push_back({"exit", "Leave the console", {}, {}});
}

class console {
public:
  explicit console(const console_setup& setup)
    : setup_{setup}, commands_{setup.commands}, past_{user_folder(setup.environment,
                                                                  "XDG_STATE_HOME", ".local/state")
                                                      + "/history"} {
    add_own_commands(commands_);
  }

  expected<void> choose() {
    auto known = read_contexts(contexts_file(setup_.environment));
    if (!known)
      return std::move(known.error());
    auto chosen = choose_server(setup_.words, setup_.environment, *known);
    if (!chosen)
      return std::move(chosen.error());
    server_ = std::move(*chosen);
    names_ = std::make_unique<names>(server_.config);
    status_.reset();
    return caf::unit;
  }

  int run_edited() {
    line_editor editor{{[this](auto& text) { return complete_line(text); },
                        [this](auto& text) { return hint(text); }, terminal_has_colours()}};
    for (auto& line : past_.lines())
      editor.remember(line);
    std::cout << "help shows what there is, TAB completes, Ctrl-D leaves\n" << std::flush;
    auto ask = [&editor](const std::string& question) { return editor.ask(question); };
    while (auto line = editor.read(prompt())) {
      if (past_.add(*line))
        editor.remember(*line);
      if (run(*line, ask) == leave)
        break;
    }
    return exit_code::ok;
  }

  int run_plain() {
    auto result = exit_code::ok;
    for (std::string line; std::getline(std::cin, line);) {
      auto code = run(line, nullptr);
      if (code == leave)
        break;
      if (code != exit_code::ok)
        result = code;
    }
    return result;
  }

private:
  static constexpr int leave = -1;

  using asker = std::function<std::string(const std::string&)>;

  std::string prompt() {
    auto now = std::chrono::steady_clock::now();
    if (!status_ || now >= status_until_) {
      auto config = server_.config;
      config.timeout = status_patience;
      status_ = client{config}.get_json("/varia/status");
      status_until_ = std::chrono::steady_clock::now() + status_kept;
    }
    return prompt_of(server_.name, *status_, terminal_has_colours());
  }

  completion complete_line(const std::string& before) {
    auto line = split(before);
    auto words = line.words;
    if (!words.empty() && words.front() == "help")
      words.erase(words.begin());
    auto find = [this](auto& kind, auto& known) {
      return kind == "context" ? context_names(contexts_file(setup_.environment))
                               : names_->of(kind, known);
    };
    completion result;
    result.begin = line.begun_at;
    result.titles = complete(commands_, words, line.begun, find);
    for (auto& title : result.titles)
      result.words.push_back(quote_word(title));
    return result;
  }

  std::string hint(const std::string& before) const {
    auto line = split(before);
    return line.words.empty() && !line.has_begun ? "" : hint_for(commands_, all_words(line));
  }

  int run(const std::string& text, const asker& ask) {
    auto line = split(text);
    auto words = all_words(line);
    if (line.is_open) {
      std::cerr << "varia: a quote has no end\n";
      return exit_code::usage;
    }
    if (words.empty() || words.front()[0] == '#')
      return exit_code::ok;
    if (words.front() == "exit" || words.front() == "quit")
      return leave;
    if (words.front() == "varia")
      words.erase(words.begin());
    return run_words(std::move(words), ask);
  }

  int run_words(std::vector<std::string> words, const asker& ask) {
    if (!words.empty() && words.front() == "help") {
      words.erase(words.begin());
      words.emplace_back("--help");
    }
    auto changes_contexts = !words.empty() && words.front() == "context";
    auto code = exit_code::ok;
    {
      interrupt_guard guard;
      code = setup_.run(words, server_, ask);
    }
    if (!changes_contexts || code != exit_code::ok)
      return code;
    if (auto chosen = choose(); !chosen) {
      std::cerr << "varia: " << detail_of(chosen.error()) << "\n";
      return exit_code::failed;
    }
    return code;
  }

  const console_setup& setup_;
  command commands_;
  console_history past_;
  chosen_server server_;
  std::unique_ptr<names> names_;
  std::optional<expected<json>> status_;
  std::chrono::steady_clock::time_point status_until_;
};

} // namespace

std::string prompt_of(const std::string& name, const expected<json>& status, bool has_colours) {
  auto result = coloured("\x1b[1m", printable(name), has_colours);
  if (!status && code_of(status.error()) == errc::unavailable)
    return result + coloured("\x1b[31m", " no answer", has_colours) + "> ";
  if (status && status->is_object()) {
    auto leader = status->value("leader", "");
    result += " leader=" + (leader.empty() ? "none" : printable(short_name(leader)));
    if (auto epoch = status->find("epoch"); epoch != status->end() && epoch->is_number())
      result += " e" + epoch->dump();
  }
  return result + "> ";
}

int run_console(const console_setup& setup) {
  console result{setup};
  if (auto chosen = result.choose(); !chosen) {
    std::cerr << "varia: " << detail_of(chosen.error()) << "\n";
    return exit_code::usage;
  }
  return isatty(STDIN_FILENO) != 0 ? result.run_edited() : result.run_plain();
}

} // namespace varia
