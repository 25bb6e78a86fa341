#pragma once

#include "core/time.hpp"

#include <cstddef>
#include <cstdint>
#include <map>
#include <mutex>
#include <string>

namespace varia {

/// What the door for webhooks of providers must know beside the store, and how many it lets in:
/// so many of one integration per minute. Thread-safe.
class incoming_desk {
public:
  /// `per_minute` 0 lets any number in.
  incoming_desk(std::string public_url, size_t bytes_max, uint32_t per_minute)
    : public_url_{std::move(public_url)}, bytes_max_{bytes_max}, per_minute_{per_minute} {}

  /// True if one more of this integration may come in. `now` is of a clock that only moves forward.
  bool admit(const std::string& integration, time_ms now);

  size_t bytes_max() const { return bytes_max_; }

  /// The address that a provider sends webhooks to.
  std::string url_of(const std::string& environment_id, const std::string& key) const;

private:
  std::string public_url_;
  size_t bytes_max_;
  uint32_t per_minute_;
  std::mutex mutex_;
  time_ms minute_ = 0;
  std::map<std::string, uint32_t> taken_; ///< In this minute.
};

} // namespace varia
