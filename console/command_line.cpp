#include "console/command_line.hpp"

#include "console/child.hpp"
#include "console/completer.hpp"
#include "console/exit_code.hpp"
#include "console/names.hpp"
#include "console/repl.hpp"
#include "console/terminal.hpp"

#include <CLI/CLI.hpp>

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <iostream>
#include <map>
#include <string>
#include <utility>
#include <vector>

namespace varia {

namespace {

constexpr double watch_s_min = 0.2;
constexpr double watch_s_max = 3600;

// The help of a group is the list of what is in it.
void add_to_help(CLI::App& group, const std::string& name) {
  auto help = group.get_description();
  group.description(help.empty() ? name : help + ", " + name);
}

// The words of a verb become nested subcommands: "workers list" is `list` below `workers`.
CLI::App& subcommand_for(CLI::App& app, const std::string& words, const char* help) {
  auto blank = words.find(' ');
  if (blank == std::string::npos)
    return *app.add_subcommand(words, help);
  auto name = words.substr(0, blank);
  auto known = app.get_subcommands([&](CLI::App* x) { return x->get_name() == name; });
  auto group = known.empty() ? app.add_subcommand(name, "") : known.front();
  group->require_subcommand(1);
  auto& result = subcommand_for(*group, words.substr(blank + 1), help);
  if (result.get_parent() == group)
    add_to_help(*group, result.get_name());
  return result;
}

std::string names_of(const verb_argument& x) {
  auto option = option_of(x);
  return is_positional(x) ? x.title + ("," + option) : option;
}

void add_argument(CLI::App& verb, verb_line& line, const verb_argument& x) {
  if (x.kind == argument_kind::flag) {
    verb.add_flag_callback(
      option_of(x), [&line, name = x.parameter] { line.values[name] = "true"; }, x.help);
    return;
  }
  auto keep = [&line, name = x.parameter](const std::string& text) { line.values[name] = text; };
  auto option = verb.add_option_function<std::string>(names_of(x), keep, x.help)
                  ->required(!x.is_optional)
                  ->type_name(is_positional(x) ? "" : "TEXT");
  if (!x.choices.empty())
    option->check(CLI::IsMember(std::vector<std::string>{x.choices.begin(), x.choices.end()}));
}

// Seconds, such as "2", "2s" or "0.5s".
milliseconds watch_of(const std::string& text) {
  char* end = nullptr;
  auto seconds = std::strtod(text.c_str(), &end);
  std::string unit{end};
  if ((!unit.empty() && unit != "s") || !(seconds >= watch_s_min && seconds <= watch_s_max))
    throw CLI::ValidationError{"--watch", "wants seconds from 0.2 to 3600, such as --watch=2s"};
  return milliseconds{std::llround(seconds * 1000)};
}

const std::map<std::string, output_format>& formats() {
  static const std::map<std::string, output_format> all{{"table", output_format::table},
                                                        {"wide", output_format::wide},
                                                        {"json", output_format::json},
                                                        {"jsonl", output_format::jsonl},
                                                        {"csv", output_format::csv}};
  return all;
}

void add_output(CLI::App& app, output_options& options) {
  app.add_option("-o,--output", options.format, "table, wide, json, jsonl or csv")
    ->transform(CLI::CheckedTransformer(formats()).description(""))
    ->type_name("FORMAT")
    ->group("Output");
  app.add_flag("-q,--quiet", options.is_quiet, "No titles, and nothing of an order that was done")
    ->group("Output");
}

// Only where they mean something: a word that does nothing is an error.
void add_manners(CLI::App& app, const verb& which, verb_line& line) {
  auto& options = line.options;
  if (!which.is_order && *which.path != '\0')
    app.add_flag("--watch{2s}", line.watch,
                 "Ask again every 2 s, or as often as --watch=SECONDS says, until Ctrl-C");
  if (which.can_follow())
    app.add_flag("-f,--follow", options.follows, "Go on with what comes, until Ctrl-C");
  if (which.is_destructive())
    app.add_flag("-y,--yes", options.says_yes, "Do not ask whether to destroy something");
  if (which.bulk != bulk_rule::none)
    app.add_flag("--dry-run", options.is_dry_run, "Only tell which variants it would be");
}

} // namespace

void add_server(CLI::App& app, server_choice& server) {
  auto add = [&app](const char* name, std::string& to, const char* value, const char* help) {
    app.add_option(name, to, help)->type_name(value)->group("Server");
  };
  add("--context", server.context, "NAME", "The server of this name (VARIA_CONTEXT)");
  add("--url", server.url, "URL", "The server, http://127.0.0.1:3003 unless set (VARIA_URL)");
  add("--api-key", server.api_key, "UUID",
      "The key that it lets in; others see it in the list of processes (VARIA_API_KEY)");
  add("--api-key-file", server.api_key_file, "FILE",
      "A file with the key, which nobody sees (VARIA_API_KEY_FILE)");
}

void add_verbs(CLI::App& app, verb_line& line, const std::function<void()>& chosen) {
  for (auto& which : verbs()) {
    auto& verb = subcommand_for(app, which.words, which.help);
    if (!which.is_local)
      add_server(verb, line.server);
    add_output(verb, line.options);
    add_manners(verb, which, line);
    for (auto& x : arguments_of(which))
      add_argument(verb, line, x);
    verb.callback([&line, &which, chosen] {
      line.which = &which;
      if (!line.watch.empty())
        line.options.watch = watch_of(line.watch);
      chosen();
    });
  }
}

namespace {

command_option describe_option(const CLI::Option& x) {
  command_option result;
  for (auto& name : x.get_snames())
    result.names.push_back("-" + name);
  for (auto& name : x.get_lnames())
    result.names.push_back("--" + name);
  if (x.get_positional())
    result.title = x.get_name(true, false);
  if (x.get_items_expected_max() > 0)
    result.value = x.get_type_name().empty() ? result.title : x.get_type_name();
  result.value.erase(std::min(result.value.find(':'), result.value.size())); // Its rules.
  result.help = x.get_description();
  result.group = x.get_group();
  result.is_required = x.get_required();
  result.repeats = x.get_items_expected_max() > 1;
  return result;
}

// What the app does not tell of the options of verbs.
void add_choices(command& to, const std::string& words) {
  auto which = find_verb(words);
  for (auto& option : to.options) {
    if (which != nullptr)
      for (auto& x : arguments_of(*which))
        if (std::find(option.names.begin(), option.names.end(), option_of(x)) != option.names.end())
          option.choices.assign(x.choices.begin(), x.choices.end());
    if (!option.names.empty() && option.names.back() == "--output")
      for (auto& [name, format] : formats())
        option.choices.push_back(name);
  }
}

command describe_within(const CLI::App& app, const std::string& above) {
  command result{app.get_name(), app.get_description(), {}, {}};
  auto words = above + result.name;
  for (auto option : app.get_options([](const CLI::Option* x) { return !x->get_group().empty(); }))
    result.options.push_back(describe_option(*option));
  add_choices(result, words);
  for (auto inner : app.get_subcommands([](const CLI::App* x) { return !x->get_group().empty(); }))
    result.commands.push_back(describe_within(*inner, words.empty() ? "" : words + " "));
  return result;
}

} // namespace

command describe(const CLI::App& app) {
  auto result = describe_within(app, "");
  return result;
}

expected<chosen_server> choose_server(const server_choice& words) {
  auto environment = environment_of_process();
  auto known = read_contexts(contexts_file(environment));
  if (!known)
    return std::move(known.error());
  return choose_server(words, environment, *known);
}

int exit_code_of_choice(const caf::error& why) {
  return code_of(why) == errc::not_found ? exit_code::not_found : exit_code::usage;
}

int run_line(const verb_line& line, std::ostream& out, std::ostream& errors) {
  chosen_server chosen;
  if (!line.which->is_local) {
    auto found = choose_server(line.server);
    if (!found) {
      errors << "varia: " << detail_of(found.error()) << "\n";
      return exit_code_of_choice(found.error());
    }
    chosen = std::move(*found);
  }
  auto options = line.options;
  fit_to_terminal(options);
  client server{chosen.config};
  return run_verb({*line.which, line.values, server, options, out, errors});
}

namespace {

bool says_nothing(const server_choice& x) {
  return x.context.empty() && x.url.empty() && x.api_key.empty() && x.api_key_file.empty();
}

using asker = std::function<std::string(const std::string&)>;

// Runs a line of the console: on its server, unless the line names another.
int run_in_console(const verb_line& line, const chosen_server& here, const asker& ask) {
  auto chosen
    = says_nothing(line.server) ? expected<chosen_server>{here} : choose_server(line.server);
  if (!chosen) {
    std::cerr << "varia: " << detail_of(chosen.error()) << "\n";
    return exit_code_of_choice(chosen.error());
  }
  auto options = line.options;
  fit_to_terminal(options);
  options.ask = ask;
  client server{chosen->config};
  return run_verb({*line.which, line.values, server, options, std::cout, std::cerr});
}

int run_words(std::vector<std::string> words, const chosen_server& here, const asker& ask) {
  CLI::App app;
  app.require_subcommand(1);
  verb_line line;
  add_verbs(app, line, [] {});
  std::reverse(words.begin(), words.end()); // As CLI11 wants them.
  try {
    app.parse(words);
  } catch (const CLI::ParseError& what) {
    return app.exit(what) == 0 ? exit_code::ok : exit_code::usage;
  }
  return run_in_console(line, here, ask);
}

} // namespace

int run_console(const server_choice& words) {
  CLI::App app;
  verb_line line;
  add_verbs(app, line, [] {});
  return run_console({describe(app), environment_of_process(), words, run_words});
}

namespace {

// The server that the words of a line name with their options.
server_choice choice_in(const names::values& known) {
  server_choice result;
  for (auto& [name, value] : known) {
    if (name == "context")
      result.context = value;
    else if (name == "url")
      result.url = value;
    else if (name == "api-key")
      result.api_key = value;
    else if (name == "api-key-file")
      result.api_key_file = value;
  }
  return result;
}

std::vector<std::string> find_names(const std::string& kind, const names::values& known) {
  if (kind == "context")
    return context_names(contexts_file(environment_of_process()));
  auto chosen = choose_server(choice_in(known));
  return chosen ? names{chosen->config}.of(kind, known) : std::vector<std::string>{};
}

} // namespace

void print_completions(const command& root, std::vector<std::string> words, std::ostream& out) {
  std::string begun;
  if (!words.empty()) {
    begun = std::move(words.back());
    words.pop_back();
  }
  for (auto& text : complete(root, words, begun, find_names))
    out << text << "\n";
}

} // namespace varia
