#pragma once

#include "core/error.hpp"
#include "store/redis.hpp"

#include <algorithm>
#include <chrono>
#include <functional>
#include <mutex>
#include <thread>
#include <type_traits>
#include <utility>
#include <vector>

namespace varia {

/// How long a run waits for a Redis that is away: longer than a restart with much data, a failover,
/// or what it takes to free some memory or disk.
inline constexpr std::chrono::minutes store_patience{2};

/// Connections to Redis for the threads that make blocking calls: each call borrows one, so there
/// are never more than threads. Thread-safe.
class redis_pool {
public:
  explicit redis_pool(const redis_config& config) : first_{redis::make(config)} {}

  /// Calls `call(redis&)` and returns its result, an `expected`.
  template <class Call>
  std::invoke_result_t<Call&, redis&> use(Call&& call) {
    auto db = take();
    if (!db)
      return std::move(db.error());
    auto result = call(*db);
    give_back(std::move(*db));
    return result;
  }

  /// As `use`, but asks again for up to `patience` while Redis is unavailable, unless `is_given_up`
  /// says that nobody waits any longer. `call` must be one that may be repeated.
  template <class Call>
  std::invoke_result_t<Call&, redis&> use_patiently(std::chrono::milliseconds patience,
                                                    const std::function<bool()>& is_given_up,
                                                    Call&& call) {
    using namespace std::chrono_literals;
    auto until = std::chrono::steady_clock::now() + patience;
    for (auto wait = 20ms;; wait = std::min<std::chrono::milliseconds>(2 * wait, 500ms)) {
      if (is_given_up())
        return fail(errc::cancelled, "the run has ended");
      auto result = use(call);
      if (result || code_of(result.error()) != errc::unavailable)
        return result;
      if (std::chrono::steady_clock::now() + wait > until)
        return result;
      std::this_thread::sleep_for(wait);
    }
  }

private:
  expected<redis> take() {
    {
      std::lock_guard guard{mutex_};
      if (!idle_.empty()) {
        auto db = std::move(idle_.back());
        idle_.pop_back();
        return db;
      }
    }
    if (!first_)
      return first_.error();
    return first_->another();
  }

  void give_back(redis db) {
    std::lock_guard guard{mutex_};
    idle_.push_back(std::move(db));
  }

  const expected<redis> first_; // Never used itself: the others are made after it.
  std::mutex mutex_;
  std::vector<redis> idle_;
};

} // namespace varia
