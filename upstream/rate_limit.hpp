#pragma once

#include "core/time.hpp"

#include <algorithm>
#include <chrono>
#include <map>
#include <string>

namespace varia {

/// So many requests per span of time; 0 requests mean no limit.
struct rate_limit {
  uint32_t requests = 0;
  milliseconds per{1000};
};

/// Spaces requests by key, each key with a burst of a whole span's requests. Keys that have been
/// idle are forgotten. Belongs to one thread.
class rate_limiter {
public:
  using time_point = std::chrono::steady_clock::time_point;

  /// Takes a place in the row of `key` and returns the moment at which it is due, `now` at best.
  time_point reserve(const std::string& key, const rate_limit& limit, time_point now) {
    if (limit.requests == 0)
      return now;
    if (rows_.size() >= keys_max)
      forget_idle(now);
    std::chrono::steady_clock::duration step = limit.per;
    step /= limit.requests;
    auto burst = step * (limit.requests - 1);
    auto& full_at = rows_.try_emplace(key, now).first->second;
    auto due = std::max(now, full_at - burst);
    full_at = std::max(now, full_at) + step;
    return due;
  }

private:
  static constexpr size_t keys_max = 4096;

  void forget_idle(time_point now) {
    for (auto i = rows_.begin(); i != rows_.end();)
      i = i->second <= now ? rows_.erase(i) : std::next(i);
  }

  std::map<std::string, time_point> rows_; ///< When the key's burst is whole again.
};

} // namespace varia
