#pragma once

#include "core/time.hpp"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <optional>

namespace varia {

/// A token bucket: lets so much through per second, and at most a tenth of a second's worth at
/// once. Plain: the clock is the caller's.
class pace {
public:
  explicit pace(uint32_t per_s) : per_s_{std::max<int64_t>(per_s, 10)} {}

  /// Takes up to `wanted`; returns how much may go now, perhaps 0.
  size_t take(size_t wanted, time_ms now) {
    if (!last_)
      left_ = most();
    else
      left_ = std::min(most(), left_ + (now - *last_) * per_s_);
    last_ = now;
    auto given = std::min<int64_t>(static_cast<int64_t>(wanted), left_ / 1000);
    left_ -= given * 1000;
    return static_cast<size_t>(given);
  }

private:
  // In thousandths, so that a slow pace does not lose what comes in between two calls.
  int64_t most() const { return std::max<int64_t>(per_s_ * 100, 1000); }

  int64_t per_s_;
  int64_t left_ = 0;
  std::optional<time_ms> last_;
};

} // namespace varia
