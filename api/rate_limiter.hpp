#pragma once

#include "core/error.hpp"
#include "store/call_rates.hpp"

#include <chrono>
#include <cstdint>
#include <functional>
#include <map>
#include <mutex>
#include <string>

namespace varia {

/// What a limit has to say of one call.
struct rate_verdict {
  bool allowed = true;
  uint64_t limit = 0;
  uint64_t remaining = 0;
  std::chrono::milliseconds left{0}; ///< Until the window ends.
};

/// Limits the calls of each bucket in windows of a minute that all processes share. Points are
/// fetched from the store in small portions, so most calls cost no round trip; what one process has
/// fetched and does not use is lost to the others, a fiftieth of the limit at most. While the store
/// does not answer, calls pass. Thread-safe.
class rate_limiter {
public:
  using clock = std::chrono::steady_clock;

  /// Takes points from the bucket of all processes.
  using source = std::function<expected<rate_window>(const std::string& bucket, uint64_t points)>;

  static constexpr milliseconds window{60'000};
  static constexpr size_t buckets_max = 10'000;

  rate_limiter(uint64_t limit, source shared) : limit_{limit}, shared_{std::move(shared)} {}

  /// Judges a call that costs so many points.
  rate_verdict take(const std::string& bucket, uint64_t points,
                    clock::time_point now = clock::now());

private:
  struct portion {
    uint64_t taken = 0; ///< By all processes, when this one last asked.
    uint64_t here = 0;  ///< Of those, not used yet.
    clock::time_point ends;
  };

  bool take_here(const std::string& bucket, uint64_t points, clock::time_point now,
                 rate_verdict& verdict);
  rate_verdict verdict_of(const portion& x, bool allowed, clock::time_point now) const;
  void drop_old(clock::time_point now);

  const uint64_t limit_;
  const source shared_;
  std::mutex mutex_;
  std::map<std::string, portion> portions_;
};

} // namespace varia
