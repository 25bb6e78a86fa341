#include "core/service_notify.hpp"

#include <algorithm>
#include <cstdint>

#include <systemd/sd-daemon.h>

namespace varia {

namespace {

constexpr auto asked_per_span = 4;
constexpr milliseconds patience_max{2000};

// Without a manager that listens this is no error, and a deaf one is not ours to mend.
void tell(const std::string& words) {
  sd_notify(0, words.c_str());
}

} // namespace

service_notify::service_notify() {
  uint64_t microseconds = 0;
  if (sd_watchdog_enabled(0, &microseconds) > 0)
    watchdog_ = milliseconds{static_cast<int64_t>(microseconds / 1000)};
}

void service_notify::ready(const std::string& status) const {
  tell("READY=1\nSTATUS=" + status);
}

void service_notify::status(const std::string& text) {
  if (text != status_)
    tell("STATUS=" + text);
  status_ = text;
}

void service_notify::stopping() const {
  tell("STOPPING=1\nSTATUS=stopping");
}

void service_notify::alive() const {
  tell("WATCHDOG=1");
}

int await_stop(stop_signal& stop, const service_notify& manager,
               const std::function<bool(milliseconds)>& is_well) {
  if (manager.watchdog().count() == 0)
    return stop.wait();
  auto pause = manager.watchdog() / asked_per_span;
  for (;;) {
    if (is_well(std::min(pause, patience_max)))
      manager.alive();
    if (auto number = stop.wait_for(pause))
      return number;
  }
}

} // namespace varia
