#pragma once

#include <chrono>
#include <cstdint>
#include <deque>

namespace varia {

/// What is known of a process from the pings it was sent: how long it has owed an answer. Plain.
class heartbeat {
public:
  using clock = std::chrono::steady_clock;

  /// Notes that a ping is sent; returns its number.
  uint64_t send(clock::time_point now) {
    owed_.push_back({++last_, now});
    return last_;
  }

  /// An answer answers for all pings before it, too.
  void answer(uint64_t number) {
    while (!owed_.empty() && owed_.front().number <= number)
      owed_.pop_front();
  }

  /// Forgives the silence so far: we did not listen.
  void excuse(clock::time_point now) {
    for (auto& each : owed_)
      each.sent = now;
  }

  /// How long the oldest ping has waited for its answer; zero if none waits.
  clock::duration silence(clock::time_point now) const {
    return owed_.empty() ? clock::duration{0} : now - owed_.front().sent;
  }

private:
  struct ping {
    uint64_t number;
    clock::time_point sent;
  };

  uint64_t last_ = 0;
  std::deque<ping> owed_;
};

} // namespace varia
