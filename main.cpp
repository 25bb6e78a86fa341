#include "api/api_service.hpp"
#include "api/probe_service.hpp"
#include "config/settings.hpp"
#include "console/ca.hpp"
#include "console/command_line.hpp"
#include "console/deploy.hpp"
#include "console/dev.hpp"
#include "console/exit_code.hpp"
#include "console/manual.hpp"
#include "coordinator/run_coordinator.hpp"
#include "core/log_redaction.hpp"
#include "core/process_metrics.hpp"
#include "worker/run_worker.hpp"

#include <CLI/CLI.hpp>

#include <cstdio>
#include <cstdlib>
#include <exception>
#include <functional>
#include <iostream>
#include <map>
#include <string>
#include <utility>
#include <vector>

namespace varia {

namespace {

/// What stands on the command line.
struct command_line {
  std::string config_file;
  std::map<std::string, std::string> flags; ///< Settings given as flags.
  verb_line verb;
  std::string project;
  std::string shell;
  dev_options dev;
  issue_options issue;
  uint32_t authority_days = 3650;
  std::function<int()> action; ///< Of the verb that was named.
};

void add_setting(CLI::App& app, command_line& line, const char* flag, const char* name,
                 const char* help) {
  app
    .add_option_function<std::string>(
      flag, [&line, name](const std::string& text) { line.flags[name] = text; }, help)
    ->type_name("TEXT");
}

void add_settings(CLI::App& app, command_line& line) {
  app.add_option("--config", line.config_file, "A TOML file with settings")
    ->envname("VARIA_CONFIG")
    ->type_name("FILE");
  auto set = [&line](const std::vector<std::string>& pairs) {
    for (auto& pair : pairs) {
      auto mark = pair.find('=');
      if (mark == std::string::npos)
        throw CLI::ValidationError{"--set", "wants KEY=VALUE"};
      line.flags[pair.substr(0, mark)] = pair.substr(mark + 1);
    }
  };
  app
    .add_option_function<std::vector<std::string>>("--set", set,
                                                   "Any setting, such as log.level=debug")
    ->type_name("KEY=VALUE")
    ->expected(1)
    ->multi_option_policy(CLI::MultiOptionPolicy::TakeAll);
}

/// Runs an action with the settings of this process, or tells what is wrong with them.
int with_settings(const command_line& line, const std::function<int(const settings&)>& action) {
  auto result = read_settings({line.config_file, varia_environment(), line.flags});
  if (result)
    return action(*result);
  std::cerr << detail_of(result.error()) << "\n";
  return exit_code::usage;
}

void add_dev(CLI::App& app, command_line& line) {
  auto verb = app.add_subcommand("dev", "Run a whole cluster on this machine, with a project");
  verb->add_option("PROJECT_DIR", line.dev.project, "A project folder to deploy and watch")
    ->check(CLI::ExistingDirectory);
  add_setting(*verb, line, "--http", "http.listen", "HOST:PORT of the HTTP API");
  verb->add_option("--data", line.dev.data, "The folder that keeps all data")
    ->capture_default_str()
    ->type_name("DIR");
  verb->add_option("--workers", line.dev.workers, "How many workers")
    ->capture_default_str()
    ->check(CLI::Range(1, 64));
  verb->add_option("--api-key", line.dev.api_key, "The API key; else the last one or a new one")
    ->envname("VARIA_API_KEY")
    ->type_name("UUID");
  add_settings(*verb, line);
  verb->callback([&line] {
    line.action = [&line] {
      return with_settings(line, [&line](const settings& x) {
        line.dev.config_file = line.config_file;
        line.dev.flags = line.flags;
        // People read those logs, in files.
        if (x.log.format == log_format::automatic)
          line.dev.flags["log.format"] = "plain";
        line.dev.allows_loopback
          = line.flags.count("upstream.allow") + varia_environment().count("VARIA_UPSTREAM_ALLOW")
              == 0
            && x.upstream.allow.empty();
        return run_dev(line.dev, x);
      });
    };
  });
}

void begin_log(const settings& x, const std::string& process) {
  if (auto* key = std::getenv("VARIA_API_KEY"); key != nullptr)
    keep_out_of_log(key);
  start_log(process, x.log.format, x.log.level);
}

int serve_coordinator(const settings& x) {
  begin_log(x, "coordinator");
  auto measured = measure_process("coordinator", VARIA_VERSION);
  return run_coordinator(x, [&x](const coordinator_actor& coordinator) {
    auto api = make_api_service(x, coordinator);
    return coordinator_service{std::move(api.start), std::move(api.stop)};
  });
}

int serve_worker(const settings& x) {
  begin_log(x, x.worker.name.empty() ? "worker" : x.worker.name);
  auto measured = measure_process("worker", VARIA_VERSION);
  return run_worker(x, [&x](readiness look) -> worker_service {
    if (!x.worker.metrics_listen)
      return {[] { return expected<void>{caf::unit}; }, [] {}};
    auto probes = make_probe_service(*x.worker.metrics_listen, std::move(look));
    return {std::move(probes.start), std::move(probes.stop)};
  });
}

void add_processes(CLI::App& app, command_line& line) {
  auto coordinator = app.add_subcommand("coordinator", "Run a coordinator and its HTTP API");
  add_setting(*coordinator, line, "--http", "http.listen", "HOST:PORT of the HTTP API");
  add_setting(*coordinator, line, "--listen", "cluster.listen", "HOST:PORT that workers join at");
  auto worker = app.add_subcommand("worker", "Run a worker");
  add_setting(*worker, line, "--join", "cluster.join", "HOST:PORT of the coordinator");
  add_setting(*worker, line, "--name", "worker.name", "How the worker is called in listings");
  for (auto verb : {coordinator, worker}) {
    add_setting(*verb, line, "--redis", "redis.url",
                "URL of the store: redis://, redis+sentinel:// or unix://");
    add_settings(*verb, line);
  }
  coordinator->callback(
    [&line] { line.action = [&line] { return with_settings(line, serve_coordinator); }; });
  worker->callback(
    [&line] { line.action = [&line] { return with_settings(line, serve_worker); }; });
}

void add_days(CLI::App& app, uint32_t& days) {
  app.add_option("--days", days, "How long the certificate is valid")
    ->capture_default_str()
    ->check(CLI::Range(1, 36500))
    ->type_name("DAYS");
}

void add_ca(CLI::App& app, command_line& line) {
  auto group = app.add_subcommand("ca", "Make the certificates of a cluster's nodes");
  group->require_subcommand(1);
  auto init = group->add_subcommand("init", "Make a certificate authority for a cluster");
  auto issue = group->add_subcommand("issue", "Make a key and a certificate for each node");
  for (auto verb : {init, issue})
    verb->add_option("DIR", line.issue.dir, "The folder of the authority")->required();
  add_days(*init, line.authority_days);
  add_days(*issue, line.issue.days);
  issue
    ->add_option("NAME", line.issue.names,
                 "worker.name or cluster.name, or the host's name for both")
    ->required();
  issue->add_option("--host", line.issue.hosts, "A DNS name or address of the node besides")
    ->expected(1)
    ->multi_option_policy(CLI::MultiOptionPolicy::TakeAll)
    ->type_name("HOST");
  init->callback([&line] {
    line.action
      = [&line] { return run_ca_init(line.issue.dir, line.authority_days, std::cout, std::cerr); };
  });
  issue->callback(
    [&line] { line.action = [&line] { return run_ca_issue(line.issue, std::cout, std::cerr); }; });
}

void add_deploy(CLI::App& app, command_line& line) {
  auto verb = app.add_subcommand("deploy", "Compile a project folder and deploy it");
  verb->add_option("DIR", line.project, "The project folder")
    ->required()
    ->check(CLI::ExistingDirectory);
  add_server(*verb, line.verb.server);
  add_settings(*verb, line);
  verb->callback([&line] {
    line.action = [&line] {
      auto server = choose_server(line.verb.server);
      if (!server) {
        std::cerr << "varia deploy: " << detail_of(server.error()) << "\n";
        return exit_code_of_choice(server.error());
      }
      return with_settings(line, [&line, &server](const settings& x) {
        return run_deploy(line.project, x, server->config, std::cout, std::cerr);
      });
    };
  });
}

void add_console(CLI::App& app, command_line& line) {
  auto console = app.add_subcommand("console", "Type commands at a prompt, with completion");
  add_server(*console, line.verb.server);
  console->callback([&line] { line.action = [&line] { return run_console(line.verb.server); }; });
  auto completion
    = app.add_subcommand("completion", "Print what a shell needs to complete words of varia");
  completion->add_option("SHELL", line.shell, "bash, zsh or fish")
    ->required()
    ->check(CLI::IsMember({"bash", "zsh", "fish"}))
    ->type_name("");
  completion->callback([&line] {
    line.action = [&line] {
      std::cout << completion_script(line.shell);
      return exit_code::ok;
    };
  });
  app.add_subcommand("man", "Print the manual of varia, for man -l -")->callback([&app, &line] {
    line.action = [&app] {
      std::cout << render_manual(describe(app));
      return exit_code::ok;
    };
  });
}

// What a shell asks, with words as they stand on its line: they are not to be parsed.
bool is_completion(int argc, char** argv) {
  return argc > 1 && std::string{argv[1]} == "complete";
}

int run(int argc, char** argv) {
  CLI::App app{"Varia runs the partitions of syncs."};
  app.name("varia");
  app.set_version_flag("--version", "varia " VARIA_VERSION);
  app.require_subcommand(1);
  command_line line;
  add_dev(app, line);
  add_processes(app, line);
  add_deploy(app, line);
  add_ca(app, line);
  add_verbs(app, line.verb, [&line] {
    line.action = [&line] { return run_line(line.verb, std::cout, std::cerr); };
  });
  add_console(app, line);
  if (is_completion(argc, argv)) {
    print_completions(describe(app), {argv + 2, argv + argc}, std::cout);
    return exit_code::ok;
  }
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& what) {
    return app.exit(what) == 0 ? 0 : exit_code::usage;
  }
  return line.action();
}

} // namespace

} // namespace varia

int main(int argc, char** argv) {
  try {
    return varia::run(argc, argv);
  } catch (const std::exception& what) {
    std::fprintf(stderr, "varia: %s\n", what.what());
    return 1;
  }
}
