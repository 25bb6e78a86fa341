#pragma once

#include "config/settings.hpp"
#include "store/redis.hpp"

namespace varia {

/// Returns how a process with these settings speaks to Redis.
redis_config store_config_of(const settings& x);

} // namespace varia
