#include "core/stop_signal.hpp"

#include <algorithm>
#include <ctime>

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

int stop_signal::wait_for(std::chrono::milliseconds span) {
  auto seconds = std::chrono::duration_cast<std::chrono::seconds>(span);
  timespec left{};
  left.tv_sec = static_cast<time_t>(seconds.count());
  left.tv_nsec = static_cast<long>(std::chrono::nanoseconds{span - seconds}.count());
  return std::max(0, sigtimedwait(&awaited_, nullptr, &left));
}

void end_within(std::chrono::seconds span) {
  std::signal(SIGALRM, [](int) { _exit(1); });
  alarm(static_cast<unsigned>(span.count()));
}

} // namespace varia
