#include "console/dev.hpp"

#include "config/setting_values.hpp"
#include "console/client.hpp"
#include "console/dev_folder.hpp"
#include "console/supervisor.hpp"
#include "console/watcher.hpp"

#include <algorithm>
#include <array>
#include <cstdio>
#include <filesystem>
#include <optional>
#include <utility>

#include <poll.h>
#include <sys/prctl.h>
#include <sys/signalfd.h>
#include <sys/wait.h>
#include <unistd.h>

namespace varia {

namespace {

using clock = std::chrono::steady_clock;

// Together they stay below the 10 seconds in which all of it ends.
constexpr milliseconds worker_stop_deadline{6000};
constexpr milliseconds coordinator_stop_deadline{2500};
constexpr milliseconds redis_stop_deadline{1000};

constexpr milliseconds probe_timeout{500};
constexpr milliseconds deploy_limit{180'000};
constexpr milliseconds patience{15'000};

void say(const std::string& text) {
  std::fprintf(stderr, "varia dev: %s\n", text.c_str());
}

// On a laptop the providers are often programs of the laptop.
constexpr auto loopback_allowed = "upstream.allow=127.0.0.0/8,::1";

// Settings that `varia dev` decides for each of its processes.
bool is_ours(const std::string& setting) {
  return setting == "http.listen" || setting == "redis.url" || setting == "cluster.listen"
         || setting == "cluster.join" || setting == "worker.name"
         || setting == "worker.metrics_listen";
}

/// SIGINT, SIGTERM and SIGCHLD as something to poll.
class signal_reader {
public:
  signal_reader() {
    sigset_t wanted;
    sigemptyset(&wanted);
    for (auto number : {SIGINT, SIGTERM, SIGCHLD})
      sigaddset(&wanted, number);
    sigprocmask(SIG_BLOCK, &wanted, nullptr);
    handle_ = signalfd(-1, &wanted, SFD_NONBLOCK | SFD_CLOEXEC);
  }

  ~signal_reader() { close(handle_); }

  signal_reader(const signal_reader&) = delete;
  signal_reader& operator=(const signal_reader&) = delete;

  int handle() const { return handle_; }

  /// True if somebody asked this process to end.
  bool wants_end() {
    signalfd_siginfo info{};
    auto result = false;
    while (read(handle_, &info, sizeof info) == sizeof info)
      result = result || info.ssi_signo != SIGCHLD;
    return result;
  }

private:
  int handle_;
};

/// The deployment of the project: a child process each time, so that a slow compiler keeps nobody
/// waiting.
class deployer {
public:
  explicit deployer(child_command command) : command_{std::move(command)} {}

  /// Asks for a deployment, now or after the one that runs.
  void want() { wanted_ = true; }

  /// True once a deployment has succeeded.
  bool succeeded() const { return succeeded_; }

  bool owns(pid_t process) const { return pid_ == process; }

  void attend() {
    int status = 0;
    if (pid_ != 0 && waitpid(pid_, &status, WNOHANG) == pid_) {
      pid_ = 0;
      succeeded_ = succeeded_ || status == 0;
      if (status != 0)
        say("the project was not deployed; waiting for a change");
    }
    if (pid_ != 0 && clock::now() - started_ > deploy_limit)
      kill(-pid_, SIGKILL);
    if (pid_ != 0 || !wanted_)
      return;
    wanted_ = false;
    started_ = clock::now();
    if (auto child = start_child(command_); child)
      pid_ = *child;
    else
      say(detail_of(child.error()));
  }

private:
  child_command command_;
  pid_t pid_ = 0;
  clock::time_point started_;
  bool wanted_ = false;
  bool succeeded_ = false;
};

/// One life of `varia dev`.
class dev_session {
public:
  dev_session(dev_options options, std::optional<endpoint> metrics, endpoint http,
              uint16_t actor_port, dev_folder folder, dev_redis store, std::string key)
    : options_{std::move(options)}, metrics_{std::move(metrics)}, url_{"http://" + to_string(http)},
      actors_{to_string(endpoint{"127.0.0.1", actor_port})}, http_{std::move(http)},
      folder_{std::move(folder)}, store_{std::move(store)}, key_{std::move(key)}, services_{say} {}

  int run() {
    // What a killed worker leaves behind becomes ours and is ended below.
    prctl(PR_SET_CHILD_SUBREAPER, 1);
    print_banner();
    auto outcome = start_store();
    while (outcome && !wait_for_end())
      outcome = attend();
    if (!outcome)
      say(detail_of(outcome.error()));
    services_.stop();
    end_orphans();
    return outcome ? 0 : 1;
  }

private:
  enum class phase { store, api, workers, project, ready };

  void print_banner() const {
    auto line = [](const char* what, const std::string& value) {
      std::fprintf(stderr, "  %-8s %s\n", what, value.c_str());
    };
    line("API", url_);
    line("API key", key_);
    line("data", folder_.path() + " (with the logs of all processes)");
    if (!options_.project.empty())
      line("project", options_.project + " (deployed again when a file changes)");
  }

  child_command command(const std::string& verb, std::vector<std::string> words) const {
    child_command result;
    result.words = {program_, verb};
    result.words.insert(result.words.end(), words.begin(), words.end());
    if (!options_.config_file.empty())
      result.words.insert(result.words.end(), {"--config", options_.config_file});
    for (auto& [name, value] : options_.flags)
      if (!is_ours(name))
        result.words.insert(result.words.end(),
                            {"--set", std::string{name}.append("=").append(value)});
    if (options_.allows_loopback)
      result.words.insert(result.words.end(), {"--set", loopback_allowed});
    result.environment = environment_of_process();
    result.environment.erase("VARIA_API_KEY");
    // Not among the words, which everybody on the machine can read: it may hold a password.
    result.environment["VARIA_REDIS_URL"] = store_.url();
    return result;
  }

  expected<void> start_store() {
    auto redis = store_.command();
    redis.environment = environment_of_process();
    redis.environment.erase("VARIA_API_KEY");
    return services_.start(
      {"redis", std::move(redis), folder_.file("redis.out"), 0, redis_stop_deadline});
  }

  expected<void> start_processes() {
    auto coordinator = command("coordinator", {"--http", to_string(http_), "--listen", actors_});
    coordinator.environment["VARIA_API_KEY"] = key_;
    auto outcome = services_.start({"coordinator", std::move(coordinator),
                                    folder_.file("coordinator.log"), 1, coordinator_stop_deadline});
    for (uint32_t i = 1; outcome && i <= options_.workers; ++i) {
      auto name = "worker-" + std::to_string(i);
      outcome = services_.start({name, command("worker", worker_words(name, i)),
                                 folder_.file(name + ".log"), 2, worker_stop_deadline});
    }
    return outcome;
  }

  // The metrics of the workers are at ports that follow each other.
  std::vector<std::string> worker_words(const std::string& name, uint32_t number) const {
    std::vector<std::string> result{"--join", actors_, "--name", name};
    if (auto at = metrics_; at) {
      at->port = static_cast<uint16_t>(at->port + number - 1);
      result.insert(result.end(), {"--set", "worker.metrics_listen=" + to_string(*at)});
    }
    return result;
  }

  expected<void> watch_project() {
    auto deploy = command("deploy", {options_.project, "--url", url_});
    deploy.environment["VARIA_API_KEY"] = key_;
    deploy.output = STDERR_FILENO;
    deploy.errors = STDERR_FILENO;
    auto watcher = folder_watcher::make(options_.project);
    if (!watcher)
      return watcher.error();
    watcher_.emplace(std::move(*watcher));
    deployer_.emplace(std::move(deploy));
    deployer_->want();
    return caf::unit;
  }

  // Waits for something to do; true if it is to end.
  bool wait_for_end() {
    std::array<pollfd, 2> handles{
      {{signals_.handle(), POLLIN, 0}, {watcher_ ? watcher_->handle() : -1, POLLIN, 0}}};
    poll(handles.data(), handles.size(), phase_ == phase::ready ? 200 : 50);
    return signals_.wants_end();
  }

  expected<void> attend() {
    if (auto alive = services_.attend(); !alive)
      return alive;
    if (watcher_ && watcher_->changed()) {
      say("the project has changed");
      deployer_->want();
    }
    if (deployer_)
      deployer_->attend();
    reap_orphans();
    if (phase_ != phase::ready && !warned_ && clock::now() - started_ > patience) {
      warned_ = true;
      say("not ready yet; the logs in " + folder_.path() + " may say why");
    }
    return advance();
  }

  expected<void> advance() {
    switch (phase_) {
      case phase::store:
        if (!store_.answers())
          return caf::unit;
        phase_ = phase::api;
        return start_processes();
      case phase::api:
        if (is_healthy())
          phase_ = phase::workers;
        return caf::unit;
      case phase::workers:
        if (workers_joined() < options_.workers)
          return caf::unit;
        phase_ = phase::project;
        return options_.project.empty() ? caf::unit : watch_project();
      case phase::project:
        if (!deployer_ || deployer_->succeeded()) {
          phase_ = phase::ready;
          std::printf("ready %s\n", url_.c_str());
          std::fflush(stdout);
        }
        return caf::unit;
      case phase::ready: return caf::unit;
    }
    return caf::unit;
  }

  client ask() const {
    // An address that means "all of them" cannot be asked.
    auto place = http_;
    if (place.host == "0.0.0.0")
      place.host = "127.0.0.1";
    if (place.host == "::")
      place.host = "::1";
    return client{{"http://" + to_string(place), key_, probe_timeout}};
  }

  bool is_healthy() const {
    auto answer = ask().get("/health");
    return answer && answer->status == 200;
  }

  size_t workers_joined() const {
    auto answer = ask().get_json("/varia/workers");
    if (!answer)
      return 0;
    auto rows = answer->find("workers");
    if (rows == answer->end() || !rows->is_array())
      return 0;
    return static_cast<size_t>(std::count_if(rows->begin(), rows->end(), [](auto& row) {
      return row.is_object() && row.contains("alive") && row["alive"] == true;
    }));
  }

  // Reaps what killed workers left to us, but no child that somebody still asks for.
  void reap_orphans() const {
    for (siginfo_t info{};; waitpid(info.si_pid, nullptr, WNOHANG)) {
      info.si_pid = 0;
      if (waitid(P_ALL, 0, &info, WEXITED | WNOHANG | WNOWAIT) != 0 || info.si_pid == 0)
        return;
      if (services_.owns(info.si_pid) || (deployer_ && deployer_->owns(info.si_pid)))
        return;
    }
  }

  // Children that died since are reaped with those that live: none stays.
  static void end_orphans() {
    for (auto rounds = 0; rounds < 200; ++rounds) {
      siginfo_t info{};
      auto left = waitid(P_ALL, 0, &info, WEXITED | WNOHANG);
      if (left != 0)
        return;
      if (info.si_pid == 0) {
        kill_children();
        poll(nullptr, 0, 5);
      }
    }
  }

  static void kill_children() {
    auto path = "/proc/self/task/" + std::to_string(getpid()) + "/children";
    auto file = std::fopen(path.c_str(), "re");
    for (auto child = 0; file != nullptr && std::fscanf(file, "%d", &child) == 1;)
      kill(child, SIGKILL);
    if (file != nullptr)
      std::fclose(file);
  }

  dev_options options_;
  std::optional<endpoint> metrics_; ///< Of the first worker.
  std::string program_ = std::filesystem::read_symlink("/proc/self/exe").string();
  std::string url_;
  std::string actors_;
  endpoint http_;
  dev_folder folder_;
  dev_redis store_;
  std::string key_;
  signal_reader signals_;
  supervisor services_;
  std::optional<folder_watcher> watcher_;
  std::optional<deployer> deployer_;
  phase phase_ = phase::store;
  clock::time_point started_ = clock::now();
  bool warned_ = false;
};

} // namespace

int run_dev(const dev_options& options, const settings& x) {
  auto refuse = [](const caf::error& why) {
    say(detail_of(why));
    return 1;
  };
  auto folder = dev_folder::open(options.data);
  if (!folder)
    return refuse(folder.error());
  auto key = folder->api_key(options.api_key);
  if (!key)
    return refuse(key.error());
  auto store = dev_redis::prepare(*folder);
  if (!store)
    return refuse(store.error());
  auto actor_port = free_port();
  if (!actor_port)
    return refuse(actor_port.error());
  auto http = x.http.listen;
  if (http.port == 0) {
    auto port = free_port();
    if (!port)
      return refuse(port.error());
    http.port = *port;
  }
  if (auto checked = check_free(http); !checked)
    return refuse(checked.error());
  return dev_session{options,     x.worker.metrics_listen, http,
                     *actor_port, std::move(*folder),      std::move(*store),
                     *key}
    .run();
}

} // namespace varia
