#pragma once

#include "console/child.hpp"
#include "core/time.hpp"

#include <chrono>
#include <functional>
#include <string>
#include <vector>

namespace varia {

/// A child process that is meant to run as long as its parent.
struct service {
  std::string name;
  child_command command;         ///< Its output and errors go to `log_file`.
  std::string log_file;          ///< Appended to; an old one above 8 MB is put aside as FILE.1.
  int stage = 0;                 ///< Services of a later stage are stopped before earlier ones.
  milliseconds stop_deadline{0}; ///< From SIGTERM to SIGKILL.
};

/// How a service that ended by itself is started again.
struct restart_policy {
  milliseconds delay_min{100}; ///< Doubled with each quick death.
  milliseconds delay_max{5000};
  milliseconds steady{30000}; ///< A service that lived this long did not die quickly.
  int quick_deaths_max = 8;   ///< In a row; then it is given up.
};

/// Starts services, starts them again when they die, and stops them in order. It never waits but in
/// `stop`: its owner calls `attend` from time to time, for example on SIGCHLD.
class supervisor {
public:
  using clock = std::chrono::steady_clock;
  using reporter = std::function<void(const std::string&)>;

  /// What people should know (a service died) goes to `report`.
  explicit supervisor(reporter report, restart_policy policy = {});

  /// Stops what still runs.
  ~supervisor();

  supervisor(const supervisor&) = delete;
  supervisor& operator=(const supervisor&) = delete;

  /// Starts a service. Fails with `unavailable` if that cannot be.
  expected<void> start(service what);

  /// Reaps services that died and starts those whose delay is over. Fails with `unavailable` if one
  /// keeps dying; the others go on until `stop`.
  expected<void> attend();

  /// Ends all services, the latest stage first: SIGTERM, then SIGKILL to the whole process group
  /// after the deadline. Waits until all are gone.
  void stop();

  /// The process of a service; 0 while it does not run.
  pid_t pid_of(const std::string& name) const;

  /// True if the process is one of the services.
  bool owns(pid_t process) const;

private:
  struct running_service {
    service what;
    pid_t pid = 0;
    clock::time_point started;
    clock::time_point due; ///< When it starts again while it does not run.
    int quick_deaths = 0;
  };

  expected<void> launch(running_service& x);
  expected<void> note_death(running_service& x, int status);
  void stop_stage(int stage);

  reporter report_;
  restart_policy policy_;
  std::vector<running_service> services_;
};

} // namespace varia
