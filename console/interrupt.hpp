#pragma once

#include "core/time.hpp"

#include <csignal>

namespace varia {

/// While one of these lives, Ctrl-C does not end the process: it is noted, requests that are under
/// way end, and whoever waits stops waiting. To be used by one thread. One may live within another;
/// what was noted is forgotten with the outermost.
class interrupt_guard {
public:
  interrupt_guard();
  ~interrupt_guard();

  interrupt_guard(const interrupt_guard&) = delete;
  interrupt_guard& operator=(const interrupt_guard&) = delete;

  /// Waits. Returns false, at once, if Ctrl-C comes or came meanwhile.
  bool wait(milliseconds time) const;

private:
  struct sigaction before_ = {};
};

/// True if Ctrl-C came in the life of a guard that still lives.
bool is_interrupted();

} // namespace varia
