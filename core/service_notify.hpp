#pragma once

#include "core/stop_signal.hpp"
#include "core/time.hpp"

#include <functional>
#include <string>

namespace varia {

/// Tells the service manager that started this process (systemd, `Type=notify`) how the process is.
/// Where nobody asks to be told, every call does nothing. For one thread.
class service_notify {
public:
  service_notify();

  /// The process serves now. `status` is a sentence for `systemctl status`.
  void ready(const std::string& status) const;

  /// What `systemctl status` is to show now. Repeated words are sent once.
  void status(const std::string& text);

  /// The process is about to end, and may take the time that it was granted for that.
  void stopping() const;

  /// The process is well. To be said more often than `watchdog`, or the manager kills it.
  void alive() const;

  /// How long the manager waits for the next `alive`; 0 if it does not watch.
  milliseconds watchdog() const { return watchdog_; }

private:
  milliseconds watchdog_{0};
  std::string status_;
};

/// Waits for the signal that ends this process, and returns its number. Meanwhile it asks `is_well`
/// a few times within the watchdog's span and, when that says yes, tells the manager. `is_well` may
/// block for the time it is given.
int await_stop(stop_signal& stop, const service_notify& manager,
               const std::function<bool(milliseconds)>& is_well);

} // namespace varia
