#pragma once

#include <chrono>
#include <csignal>

namespace varia {

/// Waits for an operator to end this process. Make one before any thread: it keeps SIGINT and
/// SIGTERM from interrupting this thread and all it starts.
class stop_signal {
public:
  stop_signal();

  /// Returns when SIGINT or SIGTERM arrives, with its number.
  int wait();

  /// The same, but returns 0 when neither has arrived within `span`.
  int wait_for(std::chrono::milliseconds span);

private:
  sigset_t awaited_{};
};

/// Ends the process with status 1 if it still lives after `span`: the last resort against a library
/// that does not let go on the way out.
void end_within(std::chrono::seconds span);

} // namespace varia
