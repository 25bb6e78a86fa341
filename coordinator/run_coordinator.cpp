#include "coordinator/run_coordinator.hpp"

#include "actors/dialer_actor.hpp"
#include "actors/door_actor.hpp"
#include "actors/node_identity.hpp"
#include "actors/system.hpp"
#include "config/setting_values.hpp"
#include "coordinator/coordinator_actor.hpp"
#include "coordinator/discovery_actor.hpp"
#include "coordinator/line_actor.hpp"
#include "coordinator/retention_actor.hpp"
#include "coordinator/store_actor.hpp"
#include "core/process_name.hpp"
#include "core/service_notify.hpp"
#include "core/stop_signal.hpp"
#include "store/api_keys.hpp"
#include "store/log_level_follower.hpp"
#include "store/schema.hpp"
#include "store/store_settings.hpp"

#include <caf/actor_system.hpp>
#include <caf/scoped_actor.hpp>
#include <caf/send.hpp>

#include <spdlog/spdlog.h>

#include <cstdlib>
#include <thread>

namespace varia {

namespace {

constexpr std::chrono::seconds redis_patience{30};

// Redis may come up after us; a store that is wrong stays wrong.
expected<void> prepare(const redis_config& where) {
  auto db = redis::make({where.url, where.timeout, false});
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

expected<retention_actor> start_retention(caf::actor_system& system, const redis_config& where,
                                          const settings& config) {
  retention_rules rules{config.records.prune_after, config.records.purge_after};
  return spawn_retention(system, where, rules);
}

expected<coordinator_peers> spawn_peers(caf::actor_system& system, const redis_config& where,
                                        const settings& config, const std::string& name,
                                        const dialer_actor& dialer) {
  auto store = spawn_store(system, where);
  if (!store)
    return std::move(store.error());
  auto retention = start_retention(system, where, config);
  if (!retention)
    return std::move(retention.error());
  line_config line_options;
  line_options.name = name;
  line_options.now = steady_ms;
  auto line = spawn_line(system, line_options, dialer);
  discovery_config looks{{config.variants.discover_every, config.variants.partition_grace,
                          milliseconds{10 * 60 * 1000}, config.variants.delete_max_percent},
                         config.variants.per_sync_max};
  auto discovery = spawn_discovery(system, where, looks, line);
  if (!discovery)
    return std::move(discovery.error());
  return coordinator_peers{*store, *retention, line, *discovery};
}

// Ends the actors in an order that lets the next leader begin at once.
void end(caf::actor_system& system, const std::string& name, const door_actor& door,
         const coordinator_actor& coordinator, const coordinator_peers& peers,
         const dialer_actor& dialer) {
  caf::scoped_actor self{system};
  self->send_exit(door, caf::exit_reason::user_shutdown);
  self->send_exit(coordinator, caf::exit_reason::user_shutdown);
  self->send_exit(peers.line, caf::exit_reason::user_shutdown);
  self->send_exit(dialer, caf::exit_reason::user_shutdown);
  self->send_exit(peers.discovery, caf::exit_reason::user_shutdown);
  if (peers.retention)
    self->send_exit(peers.retention, caf::exit_reason::user_shutdown);
  self->request(peers.store, std::chrono::seconds{2}, atom::resign_v, name)
    .receive([](atom::ok) {}, [](const caf::error&) {});
  self->send_exit(peers.store, caf::exit_reason::user_shutdown);
}

// Where others reach what we publish at this port.
std::string advertised(const settings& config) {
  if (config.cluster.advertise)
    return to_string(*config.cluster.advertise);
  auto host = config.cluster.listen.host;
  if (host == "0.0.0.0" || host == "::")
    host = host_name();
  return to_string(endpoint{host, config.cluster.listen.port});
}

coordinator_config coordinator_config_of(const settings& config, const std::string& name) {
  coordinator_config result;
  result.name = name;
  result.named_max = config.variants.per_sync_max;
  result.lease = config.cluster.lease;
  result.seed = make_nonce();
  result.retention_interval = config.records.retention_interval;
  result.now = steady_ms;
  result.address = advertised(config);
  result.placements_per_s = config.cluster.placements_per_s;
  result.spread_label = config.cluster.spread_label;
  result.undelete_for = config.variants.undelete_for;
  result.rebalance = config.cluster.rebalance;
  return result;
}

// Returns when an operator wants us to end. Meanwhile the service manager hears what we are.
void serve(caf::actor_system& system, const coordinator_actor& coordinator, stop_signal& stop,
           const std::string& name) {
  service_notify manager;
  manager.ready("serving");
  caf::scoped_actor self{system};
  await_stop(stop, manager, [&](milliseconds patience) {
    auto answered = false;
    self->request(coordinator, patience, atom::status_v)
      .receive(
        [&](const cluster_status& now) {
          answered = true;
          manager.status(now.leader == name ? "serving and leading" : "serving, standing by");
        },
        [](const caf::error&) {});
    return answered;
  });
  manager.stopping();
}

std::string name_of(const settings& config) {
  return config.cluster.name.empty() ? host_name() : config.cluster.name;
}

} // namespace

int run_coordinator(const settings& config,
                    const std::function<coordinator_service(coordinator_actor)>& make_service) {
  stop_signal stop;
  auto identity = load_identity(
    {config.cluster.tls_ca, config.cluster.tls_cert, config.cluster.tls_key}, name_of(config));
  if (!identity) {
    spdlog::error("{}", detail_of(identity.error()));
    return 1;
  }
  auto where = store_config_of(config);
  if (auto ready = prepare(where); !ready) {
    spdlog::error("the store is not ready: {}", describe(ready.error()));
    return 1;
  }
  cluster_config cluster{config.cluster.heartbeat, config.cluster.silence_max, *identity};
  caf::actor_system system{cluster};
  auto name = process_name() + "/" + make_uuid();
  auto dialer = spawn_dialer(system, {"coordinator", name_of(config)});
  auto peers = spawn_peers(system, where, config, name, dialer);
  if (!peers) {
    spdlog::error("{}", describe(peers.error()));
    return 1;
  }
  auto coordinator = spawn_coordinator(system, coordinator_config_of(config, name), *peers);
  auto& listen = config.cluster.listen;
  auto door = spawn_door(system, name_of(config), coordinator);
  auto port = publish_door(door, listen);
  auto service = make_service(peers->line);
  auto status = 1;
  if (!port) {
    spdlog::error("cannot await workers: {}", describe(port.error()));
  } else if (auto serving = service.start(); !serving) {
    spdlog::error("cannot serve: {}", describe(serving.error()));
  } else {
    log_level_follower level{where, name, config.log.level};
    spdlog::info("awaiting workers at {}:{}", listen.host, *port);
    serve(system, coordinator, stop, name);
    spdlog::info("stopping");
    status = 0;
  }
  end_within(std::chrono::seconds{8});
  service.stop();
  end(system, name, door, coordinator, *peers, dialer);
  return status;
}

} // namespace varia
