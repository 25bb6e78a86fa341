#include "core/stop_signal.hpp"

#include <unistd.h>

namespace varia {

stop_signal::stop_signal() {
  sigemptyset(&awaited_);
  sigaddset(&awaited_, SIGINT);
  sigaddset(&awaited_, SIGTERM);
  pthread_sigmask(SIG_BLOCK, &awaited_, nullptr);
  std::signal(SIGPIPE, SIG_IGN);
}

int stop_signal::wait() {
  auto number = 0;
  while (sigwait(&awaited_, &number) != 0) {
  }
  return number;
}

void end_within(std::chrono::seconds span) {
  std::signal(SIGALRM, [](int) { _exit(1); });
  alarm(static_cast<unsigned>(span.count()));
}

} // namespace varia
