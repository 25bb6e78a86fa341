#include "coordinator/run_coordinator.hpp"

#include "actors/door_actor.hpp"
#include "actors/system.hpp"
#include "coordinator/coordinator_actor.hpp"
#include "coordinator/retention_actor.hpp"
#include "coordinator/store_actor.hpp"
#include "core/process_name.hpp"
#include "core/stop_signal.hpp"
#include "store/api_keys.hpp"
#include "store/schema.hpp"

#include <caf/actor_system.hpp>
#include <caf/scoped_actor.hpp>
#include <caf/send.hpp>

#include <spdlog/spdlog.h>

#include <cstdlib>
#include <thread>

namespace varia {

namespace {

constexpr std::chrono::seconds redis_patience{30};

time_ms steady_ms() {
  auto since = std::chrono::steady_clock::now().time_since_epoch();
  return std::chrono::duration_cast<milliseconds>(since).count();
}

// Redis may come up after us; a store that is wrong stays wrong.
expected<void> prepare(const redis_config& where) {
  auto db = redis::make(where);
  if (!db)
    return std::move(db.error());
  auto until = std::chrono::steady_clock::now() + redis_patience;
  auto ready = prepare_store(*db);
  while (!ready && code_of(ready.error()) == errc::unavailable
         && std::chrono::steady_clock::now() < until) {
    spdlog::warn("waiting for Redis: {}", describe(ready.error()));
    std::this_thread::sleep_for(std::chrono::seconds{1});
    ready = prepare_store(*db);
  }
  if (!ready)
    return ready;
  if (auto* key = std::getenv("VARIA_API_KEY"); key != nullptr && *key != '\0')
    return api_keys{*db}.add(key, "dev");
  return caf::unit;
}

// No RETENTION where all records are kept for ever.
expected<retention_actor> start_retention(caf::actor_system& system, const redis_config& where,
                                          const settings& config) {
  retention_rules rules{config.records.prune_after, config.records.purge_after};
  if (rules.keep_all())
    return retention_actor{};
  return spawn_retention(system, where, rules);
}

// Ends the actors in an order that lets the next leader begin at once.
void end(caf::actor_system& system, const std::string& name, const door_actor& door,
         const coordinator_actor& coordinator, const store_actor& store,
         const retention_actor& retention) {
  caf::scoped_actor self{system};
  self->send_exit(door, caf::exit_reason::user_shutdown);
  self->send_exit(coordinator, caf::exit_reason::user_shutdown);
  if (retention)
    self->send_exit(retention, caf::exit_reason::user_shutdown);
  self->request(store, std::chrono::seconds{2}, atom::resign_v, name)
    .receive([](atom::ok) {}, [](const caf::error&) {});
  self->send_exit(store, caf::exit_reason::user_shutdown);
}

} // namespace

int run_coordinator(const settings& config,
                    const std::function<coordinator_service(coordinator_actor)>& make_service) {
  stop_signal stop;
  redis_config where{config.redis.url, config.redis.timeout};
  if (auto ready = prepare(where); !ready) {
    spdlog::error("the store is not ready: {}", describe(ready.error()));
    return 1;
  }
  cluster_config cluster{config.cluster.heartbeat, config.cluster.silence_max};
  caf::actor_system system{cluster};
  auto store = spawn_store(system, where);
  if (!store) {
    spdlog::error("{}", describe(store.error()));
    return 1;
  }
  auto retention = start_retention(system, where, config);
  if (!retention) {
    spdlog::error("{}", describe(retention.error()));
    return 1;
  }
  auto name = process_name() + "/" + make_uuid();
  auto coordinator = spawn_coordinator(system,
                                       {name, config.variants.per_sync_max, config.cluster.lease,
                                        make_nonce(), config.records.retention_interval, steady_ms},
                                       *store, *retention);
  auto& listen = config.cluster.listen;
  auto door = spawn_door(system, name, coordinator);
  auto port = publish_door(system, door, listen);
  auto service = make_service(coordinator);
  auto status = 1;
  if (!port) {
    spdlog::error("cannot await workers: {}", describe(port.error()));
  } else if (auto serving = service.start(); !serving) {
    spdlog::error("cannot serve: {}", describe(serving.error()));
  } else {
    spdlog::info("awaiting workers at {}:{}", listen.host, *port);
    stop.wait();
    spdlog::info("stopping");
    status = 0;
  }
  end_within(std::chrono::seconds{8});
  service.stop();
  end(system, name, door, coordinator, *store, *retention);
  return status;
}

} // namespace varia
