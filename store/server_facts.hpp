#pragma once

#include "store/redis.hpp"

namespace varia {

/// Asks the Redis server how it is and keeps the answer in the metrics varia_redis_up,
/// varia_redis_memory_used_bytes and the like. A server that does not answer is told as down; what
/// was known of it stays. Blocks for one call.
void measure_redis_server(redis& db);

} // namespace varia
