#pragma once

#include "core/error.hpp"
#include "store/redis.hpp"
#include "store/redis_link.hpp"
#include "store/redis_url.hpp"

#include <atomic>
#include <chrono>
#include <cstddef>
#include <string>

namespace varia {

/// What connections to the same Redis know together: where the master is, and whether it is
/// silent. Thread-safe.
class redis_place {
public:
  using clock = std::chrono::steady_clock;

  /// A new connection to the master, which may write.
  struct opened {
    redis_link link;
    std::string server; ///< The run id.
  };

  /// A call on its way. While Redis is silent one call at a time waits for it, and the others are
  /// refused at once: else every thread would soon wait for a server that is frozen.
  class turn {
  public:
    explicit turn(redis_place& place);
    ~turn();

    turn(const turn&) = delete;
    turn& operator=(const turn&) = delete;

    bool is_refused() const { return is_refused_; }

    /// Notes what the call failed with, which is nothing if it was answered.
    void note(const caf::error& why) { place_.is_silent_ = is_silence(why); }

  private:
    redis_place& place_;
    bool is_probe_ = false;
    bool is_refused_ = false;
  };

  redis_place(redis_url where, std::chrono::milliseconds timeout);

  /// Finds the master, connects, logs in, and has the server confirm that it is one; all in the
  /// time of one answer. Fails with `unavailable`.
  expected<opened> open();

private:
  expected<redis_address> find_master(clock::time_point until);
  expected<redis_address> ask_sentinel(const redis_address& where, clock::time_point until) const;
  expected<opened> open_at(const redis_address& where, clock::time_point until) const;
  std::chrono::milliseconds left_of(clock::time_point until) const;

  const redis_url where_;
  const std::chrono::milliseconds timeout_;
  std::atomic<size_t> sentinel_{0}; ///< The one to ask first.
  std::atomic<bool> is_silent_{false};
  std::atomic<bool> is_probed_{false};
};

} // namespace varia
