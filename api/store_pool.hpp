#pragma once

#include "core/error.hpp"
#include "store/redis.hpp"

#include <mutex>
#include <utility>
#include <vector>

namespace varia {

/// Lends connections to Redis: one per request that is being answered. It holds as many as were
/// ever needed at once, which the number of answering threads bounds. Thread-safe.
class store_pool {
public:
  /// A connection for the time of one request; goes back by itself.
  class loan {
  public:
    loan(store_pool& pool, redis db) : pool_{&pool}, db_{std::move(db)} {}
    loan(loan&& other) noexcept : pool_{other.pool_}, db_{std::move(other.db_)} {
      other.pool_ = nullptr;
    }
    loan& operator=(loan&&) = delete;
    ~loan();

    redis& operator*() { return db_; }

  private:
    store_pool* pool_;
    redis db_;
  };

  explicit store_pool(const redis_config& config) : first_{redis::make(config)} {}

  /// Fails with `invalid` if the URL is of no known form. Does not connect yet.
  expected<loan> lend();

private:
  const expected<redis> first_; // Never used itself: the others are made after it.
  std::mutex mutex_;
  std::vector<redis> idle_;
};

} // namespace varia
