#pragma once

#include "core/time.hpp"
#include "store/redis.hpp"

#include <cstdint>
#include <string>

namespace varia {

/// How far the window of a bucket is used up, by all processes together.
struct rate_window {
  uint64_t taken = 0;
  milliseconds left{0}; ///< Until the next one begins with nothing taken.
};

/// Counts calls in windows of fixed length, each of which begins with its first call.
class call_rates {
public:
  explicit call_rates(redis& db) : db_{db} {}

  /// Takes points from a bucket, which may then hold more than anybody allows.
  expected<rate_window> take(const std::string& bucket, uint64_t points, milliseconds window);

private:
  redis& db_;
};

} // namespace varia
