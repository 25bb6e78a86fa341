#include "store/server_facts.hpp"

#include "core/metrics.hpp"
#include "store/server_info.hpp"

namespace varia {

namespace {

struct server_metrics {
  gauge up{"varia_redis_up", "1 if the Redis server answered this coordinator, else 0."};
  gauge used{"varia_redis_memory_used_bytes", "Memory that the Redis server uses."};
  gauge most{"varia_redis_memory_max_bytes", "Memory that it may use; 0 where nothing is said."};
  gauge clients{"varia_redis_clients", "Connections to the Redis server."};
  gauge replicas{"varia_redis_replicas", "Replicas that follow the Redis server."};
  gauge persisted{"varia_redis_persistence_ok",
                  "1 if the last writes to its disk went well, else 0."};
  gauge evicted{"varia_redis_evicted_keys", "Keys that it gave up for want of memory."};
};

} // namespace

void measure_redis_server(redis& db) {
  static const auto& to = *new server_metrics;
  auto answer = db.run({"INFO"});
  to.up.set(answer ? 1 : 0);
  if (!answer)
    return;
  auto all = parse_server_info(text_of(**answer));
  to.used.set(static_cast<double>(all.used_bytes));
  to.most.set(static_cast<double>(all.max_bytes));
  to.clients.set(static_cast<double>(all.clients));
  to.replicas.set(static_cast<double>(all.replicas));
  to.persisted.set(all.aof_is_good && all.snapshot_is_good ? 1 : 0);
  to.evicted.set(static_cast<double>(all.evicted_keys));
}

} // namespace varia
