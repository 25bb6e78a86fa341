#pragma once

#include "core/error.hpp"
#include "store/environments.hpp"
#include "store/redis_pool.hpp"

#include <map>
#include <mutex>
#include <string>

namespace varia {

/// The ids of environments, each read once: they never change. Thread-safe.
class environment_ids {
public:
  explicit environment_ids(redis_pool& stores) : stores_{stores} {}

  expected<std::string> find(const std::string& name) {
    {
      std::lock_guard guard{mutex_};
      if (auto known = ids_.find(name); known != ids_.end())
        return known->second;
    }
    auto id = stores_.use([&](redis& db) { return environments{db}.id_of(name); });
    if (id) {
      std::lock_guard guard{mutex_};
      ids_.emplace(name, *id);
    }
    return id;
  }

private:
  redis_pool& stores_;
  std::mutex mutex_;
  std::map<std::string, std::string> ids_;
};

} // namespace varia
