#include "store/log_level_follower.hpp"

#include "core/log.hpp"
#include "store/log_levels.hpp"

#include <chrono>
#include <utility>

namespace varia {

namespace {

constexpr std::chrono::seconds look_every{2};

} // namespace

log_level_follower::log_level_follower(const redis_config& where, std::string process,
                                       std::string level)
  : db_{redis::make({where.url, where.timeout, false})}, process_{std::move(process)}, level_{
                                                                                         std::move(
                                                                                           level)} {
  if (db_)
    thread_ = std::thread{[this] { follow(); }};
}

log_level_follower::~log_level_follower() {
  {
    std::lock_guard guard{mutex_};
    stopping_ = true;
  }
  changed_.notify_all();
  if (thread_.joinable())
    thread_.join();
}

void log_level_follower::follow() {
  auto now = level_;
  std::unique_lock lock{mutex_};
  while (!stopping_) {
    lock.unlock();
    auto wanted = log_levels{*db_}.level_of(process_);
    if (auto next = wanted ? wanted->value_or(level_) : now; next != now) {
      now = next;
      set_log_level(now);
      spdlog::log(spdlog::level::from_str(now), "logging from level {} on", now);
    }
    lock.lock();
    changed_.wait_for(lock, look_every, [this] { return stopping_; });
  }
}

} // namespace varia
