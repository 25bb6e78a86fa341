#pragma once

#include "store/redis.hpp"

#include <condition_variable>
#include <mutex>
#include <string>
#include <thread>

namespace varia {

/// Has this process log at the level that operators want of it, looking every two seconds; where
/// they want none, or Redis has not said yet, at that of its settings. While Redis is away nothing
/// changes. Has a thread of its own, which ends in the destructor.
class log_level_follower {
public:
  log_level_follower(const redis_config& where, std::string process, std::string level);
  ~log_level_follower();

  log_level_follower(const log_level_follower&) = delete;
  log_level_follower& operator=(const log_level_follower&) = delete;

private:
  void follow();

  expected<redis> db_;
  const std::string process_;
  const std::string level_; ///< Of the settings.
  std::mutex mutex_;
  std::condition_variable changed_;
  bool stopping_ = false;
  std::thread thread_;
};

} // namespace varia
