#include "console/supervisor.hpp"

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <filesystem>
#include <thread>
#include <utility>

#include <fcntl.h>
#include <sys/wait.h>
#include <unistd.h>

namespace varia {

namespace {

constexpr uintmax_t log_bytes_max = uintmax_t{8} * 1024 * 1024;

int open_log(const std::string& path) {
  std::error_code ignored;
  if (std::filesystem::file_size(path, ignored) > log_bytes_max && !ignored)
    std::filesystem::rename(path, path + ".1", ignored);
  return open(path.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
}

} // namespace

supervisor::supervisor(reporter report, restart_policy policy)
  : report_{std::move(report)}, policy_{policy} {}

supervisor::~supervisor() {
  stop();
}

expected<void> supervisor::start(service what) {
  running_service x;
  x.what = std::move(what);
  if (auto launched = launch(x); !launched)
    return launched;
  services_.push_back(std::move(x));
  return caf::unit;
}

expected<void> supervisor::attend() {
  for (auto& x : services_) {
    int status = 0;
    if (x.pid != 0 && waitpid(x.pid, &status, WNOHANG) == x.pid)
      if (auto noted = note_death(x, status); !noted)
        return noted;
    if (x.pid == 0 && clock::now() >= x.due)
      if (auto launched = launch(x); !launched)
        return launched;
  }
  return caf::unit;
}

void supervisor::stop() {
  while (!services_.empty()) {
    auto latest = std::max_element(services_.begin(), services_.end(),
                                   [](auto& a, auto& b) { return a.what.stage < b.what.stage; });
    stop_stage(latest->what.stage);
  }
}

pid_t supervisor::pid_of(const std::string& name) const {
  auto i = std::find_if(services_.begin(), services_.end(),
                        [&](auto& x) { return x.what.name == name; });
  return i == services_.end() ? 0 : i->pid;
}

bool supervisor::owns(pid_t process) const {
  return std::any_of(services_.begin(), services_.end(), [&](auto& x) { return x.pid == process; });
}

expected<void> supervisor::launch(running_service& x) {
  auto log = open_log(x.what.log_file);
  if (log < 0)
    return fail(errc::unavailable, x.what.log_file + ": " + strerror(errno));
  x.what.command.output = log;
  x.what.command.errors = log;
  auto child = start_child(x.what.command);
  close(log);
  if (!child)
    return child.error();
  x.pid = *child;
  x.started = clock::now();
  return caf::unit;
}

expected<void> supervisor::note_death(running_service& x, int status) {
  x.pid = 0;
  auto quick = clock::now() - x.started < policy_.steady;
  x.quick_deaths = quick ? x.quick_deaths + 1 : 1;
  auto story
    = x.what.name + " ended (" + describe_status(status) + ", see " + x.what.log_file + ")";
  if (x.quick_deaths > policy_.quick_deaths_max)
    return fail(errc::unavailable, story + " again and again");
  auto delay = policy_.delay_min;
  for (auto i = 1; i < x.quick_deaths && delay < policy_.delay_max; ++i)
    delay *= 2;
  delay = std::min(delay, policy_.delay_max);
  x.due = clock::now() + delay;
  report_(story + "; it starts again in " + std::to_string(delay.count()) + " ms");
  return caf::unit;
}

void supervisor::stop_stage(int stage) {
  auto first = std::partition(services_.begin(), services_.end(),
                              [&](auto& x) { return x.what.stage != stage; });
  auto begun = clock::now();
  std::for_each(first, services_.end(), [](auto& x) {
    if (x.pid != 0)
      kill(x.pid, SIGTERM);
  });
  while (first != services_.end()) {
    auto gone = [&](running_service& x) {
      if (x.pid == 0 || waitpid(x.pid, nullptr, WNOHANG) != 0)
        return true;
      if (clock::now() - begun >= x.what.stop_deadline)
        kill(-x.pid, SIGKILL);
      return false;
    };
    services_.erase(std::remove_if(first, services_.end(), gone), services_.end());
    first = std::partition(services_.begin(), services_.end(),
                           [&](auto& x) { return x.what.stage != stage; });
    if (first != services_.end())
      std::this_thread::sleep_for(milliseconds{5});
  }
}

} // namespace varia
