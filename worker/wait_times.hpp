#pragma once

#include "core/time.hpp"

#include <algorithm>
#include <deque>
#include <utility>
#include <vector>

namespace varia {

/// How long the runs that began in the last minute had waited before. Remembers the last thousand.
/// Plain: time is passed in.
class wait_times {
public:
  void add(time_ms now, milliseconds waited) {
    if (recent_.size() == kept_max)
      recent_.pop_front();
    recent_.emplace_back(now, waited);
  }

  /// Returns the wait that 99 of 100 did not exceed; 0 if none began.
  milliseconds p99(time_ms now) const {
    auto all = fresh(now);
    if (all.empty())
      return milliseconds{0};
    auto rank = (all.size() * 99 + 99) / 100 - 1;
    auto at = all.begin() + static_cast<std::ptrdiff_t>(rank);
    std::nth_element(all.begin(), at, all.end());
    return *at;
  }

  /// Returns the longest wait; 0 if none began.
  milliseconds longest(time_ms now) const {
    auto all = fresh(now);
    return all.empty() ? milliseconds{0} : *std::max_element(all.begin(), all.end());
  }

private:
  static constexpr size_t kept_max = 1000;
  static constexpr milliseconds kept_for{60000};

  std::vector<milliseconds> fresh(time_ms now) const {
    std::vector<milliseconds> result;
    for (const auto& [at, waited] : recent_)
      if (now - at <= kept_for.count())
        result.push_back(waited);
    return result;
  }

  std::deque<std::pair<time_ms, milliseconds>> recent_;
};

} // namespace varia
