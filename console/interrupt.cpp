#include "console/interrupt.hpp"

#include <algorithm>
#include <thread>

namespace varia {

namespace {

constexpr milliseconds step{50};

volatile std::sig_atomic_t came = 0;

int guards = 0;

extern "C" void note_interrupt(int) {
  came = 1;
}

} // namespace

interrupt_guard::interrupt_guard() {
  ++guards;
  struct sigaction action = {};
  action.sa_handler = note_interrupt;
  sigemptyset(&action.sa_mask);
  sigaction(SIGINT, &action, &before_);
}

interrupt_guard::~interrupt_guard() {
  sigaction(SIGINT, &before_, nullptr);
  // Requests that are made later are not to end by it.
  if (--guards == 0)
    came = 0;
}

bool interrupt_guard::wait(milliseconds time) const {
  auto end = std::chrono::steady_clock::now() + time;
  for (auto now = std::chrono::steady_clock::now(); now < end && !is_interrupted();
       now = std::chrono::steady_clock::now())
    std::this_thread::sleep_for(std::min<std::chrono::nanoseconds>(step, end - now));
  return !is_interrupted();
}

bool is_interrupted() {
  return came != 0;
}

} // namespace varia
