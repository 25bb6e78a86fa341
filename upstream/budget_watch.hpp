#pragma once

#include "core/time.hpp"

#include <algorithm>
#include <chrono>
#include <mutex>

namespace varia {

/// For how long somebody, such as a run, has had a request that waited for its share of a budget:
/// several that wait at the same time count once. Thread-safe.
class budget_watch {
public:
  using clock = std::chrono::steady_clock;

  void begin(clock::time_point now) {
    std::lock_guard guard{mutex_};
    if (waiting_++ == 0)
      since_ = now;
  }

  void end(clock::time_point now) {
    std::lock_guard guard{mutex_};
    if (waiting_ > 0 && --waiting_ == 0)
      total_ += std::max(now - since_, clock::duration::zero());
  }

  bool is_waiting() const {
    std::lock_guard guard{mutex_};
    return waiting_ > 0;
  }

  /// What has come together, with the wait that is under way.
  milliseconds total(clock::time_point now) const {
    std::lock_guard guard{mutex_};
    auto sum = total_;
    if (waiting_ > 0)
      sum += std::max(now - since_, clock::duration::zero());
    return std::chrono::duration_cast<milliseconds>(sum);
  }

private:
  mutable std::mutex mutex_;
  int waiting_ = 0;
  clock::time_point since_;
  clock::duration total_{0};
};

} // namespace varia
