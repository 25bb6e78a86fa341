#pragma once

#include "core/time.hpp"

#include <algorithm>
#include <cstdint>

namespace varia {

/// So many requests per span of time; 0 requests mean no limit.
struct rate_limit {
  uint32_t requests = 0;
  milliseconds per{1000};
};

/// Returns a limit that is kept with a thousand permits at most and allows no more than `x`: a
/// thousandth of a span is as good as the whole.
inline rate_limit bounded(const rate_limit& x) {
  constexpr uint32_t permits_max = 1000;
  if (x.requests <= permits_max)
    return x;
  auto per = (x.per.count() * permits_max + x.requests - 1) / x.requests;
  return {permits_max, milliseconds{std::max<int64_t>(per, 1)}};
}

/// Returns how long a request that has left may take to reach the provider before its permit counts
/// as used: 200 ms, but not less than a twentieth and not more than a fifth of the span. What is
/// lost of the rate is the margin at most, and nothing with a provider that answers at once.
inline milliseconds arrival_margin(const rate_limit& x) {
  constexpr milliseconds usual{200};
  return std::max(std::clamp(usual, x.per / 20, x.per / 5), milliseconds{1});
}

} // namespace varia
