#include "console/command_line.hpp"

#include "console/terminal.hpp"

#include <CLI/CLI.hpp>

#include <cmath>
#include <cstdlib>
#include <map>
#include <string>
#include <vector>

namespace varia {

namespace {

constexpr double watch_s_min = 0.2;
constexpr double watch_s_max = 3600;

std::string group_help(const std::string& name) {
  return "All about " + name;
}

// The words of a verb become nested subcommands: "workers list" is `list` below `workers`.
CLI::App& subcommand_for(CLI::App& app, const std::string& words, const char* help) {
  auto blank = words.find(' ');
  if (blank == std::string::npos)
    return *app.add_subcommand(words, help);
  auto name = words.substr(0, blank);
  auto known = app.get_subcommands([&](CLI::App* x) { return x->get_name() == name; });
  auto group = known.empty() ? app.add_subcommand(name, group_help(name)) : known.front();
  group->require_subcommand(1);
  return subcommand_for(*group, words.substr(blank + 1), help);
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

void add_output(CLI::App& app, output_options& options) {
  static const std::map<std::string, output_format> formats{{"table", output_format::table},
                                                            {"wide", output_format::wide},
                                                            {"json", output_format::json},
                                                            {"jsonl", output_format::jsonl},
                                                            {"csv", output_format::csv}};
  app.add_option("-o,--output", options.format, "table, wide, json, jsonl or csv")
    ->transform(CLI::CheckedTransformer(formats).description(""))
    ->type_name("FORMAT");
  app.add_flag("-q,--quiet", options.is_quiet, "No titles, and nothing of an order that was done");
}

// Only where they mean something: a word that does nothing is an error.
void add_manners(CLI::App& app, const verb& which, verb_line& line) {
  auto& options = line.options;
  if (!which.is_order)
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

void add_server(CLI::App& app, client_config& server) {
  app.add_option("--url", server.url, "The server")
    ->envname("VARIA_URL")
    ->capture_default_str()
    ->type_name("URL");
  app.add_option("--api-key", server.api_key, "The key that the server lets in")
    ->envname("VARIA_API_KEY")
    ->type_name("UUID");
}

void add_verbs(CLI::App& app, verb_line& line, const std::function<void()>& chosen) {
  for (auto& which : verbs()) {
    auto& verb = subcommand_for(app, which.words, which.help);
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

int run_line(const verb_line& line, std::ostream& out, std::ostream& errors) {
  auto options = line.options;
  fit_to_terminal(options);
  client server{line.server};
  return run_verb({*line.which, line.values, server, options, out, errors});
}

} // namespace varia
