#include "worker/run_worker.hpp"

#include "actors/dialer_actor.hpp"
#include "actors/node_identity.hpp"
#include "actors/system.hpp"
#include "config/setting_values.hpp"
#include "core/log.hpp"
#include "core/process_name.hpp"
#include "core/service_notify.hpp"
#include "core/stop_signal.hpp"
#include "store/log_level_follower.hpp"
#include "store/store_settings.hpp"
#include "worker/node_actor.hpp"
#include "worker/run_engine.hpp"
#include "worker/runtime_actor.hpp"

#include <caf/actor_system.hpp>
#include <caf/event_based_actor.hpp>
#include <caf/scoped_actor.hpp>
#include <caf/send.hpp>

#include <spdlog/spdlog.h>

#include <algorithm>
#include <chrono>
#include <memory>

namespace varia {

namespace {

constexpr std::chrono::seconds join_patience{3};
constexpr milliseconds join_pause{50};
constexpr std::chrono::seconds look_patience{2};

// A certificate is for a name that stays.
worker_identity identify(const settings& config) {
  auto& name = config.worker.name;
  auto usual = config.cluster.tls_cert.empty() ? process_name() : host_name();
  return {name.empty() ? usual : name, make_uuid(), process_name()};
}

node_config node_config_of(const settings& config, const worker_identity& who) {
  node_config result{who, config.cluster.lease, now_ms,      steady_ms,
                     {},  config.worker.labels, make_nonce()};
  result.labels.emplace(version_label, software_version);
  for (auto& address : config.cluster.join)
    result.join.push_back(to_string(address));
  return result;
}

// Lets scripts finish, hands the variants over, and ends the actors.
void end(caf::actor_system& system, const host_actor& node, const runtime_actor& runtime,
         const node_store_actor& store, const dialer_actor& dialer, milliseconds deadline) {
  caf::scoped_actor self{system};
  auto patience = deadline + std::chrono::seconds{3};
  self->request(node, patience, atom::drain_v, static_cast<uint64_t>(deadline.count()))
    .receive([](atom::ok) {},
             [](const caf::error& why) {
               spdlog::warn("the worker could not leave in order: {}", describe(why));
             });
  self->send_exit(node, caf::exit_reason::user_shutdown);
  self->send_exit(runtime, caf::exit_reason::user_shutdown);
  self->send_exit(store, caf::exit_reason::user_shutdown);
  self->send_exit(dialer, caf::exit_reason::user_shutdown);
}

// What scripts ask of the leader goes through the NODE, which knows it.
script_commands::line line_through(const host_actor& node) {
  using keys = script_commands::keys;
  using done_handler = script_commands::done_handler;
  auto ask = [node](const done_handler& done, const auto&... words) {
    node->home_system().spawn([=](caf::event_based_actor* self) {
      self->request(node, std::chrono::seconds{12}, words...)
        .then([done](atom::ok) { done(caf::unit); },
              [done](caf::error& why) { done(std::move(why)); });
    });
  };
  return {[ask](const keys& which, trigger_options options, const done_handler& done) {
            ask(done, atom::trigger_v, which, options);
          },
          [ask](const keys& which, const done_handler& done) { ask(done, atom::start_v, which); }};
}

enum class standing { joined, alone, silent };

standing standing_of(caf::actor_system& system, const host_actor& node, milliseconds patience) {
  auto result = standing::silent;
  caf::scoped_actor self{system};
  self->request(node, patience, atom::status_v)
    .receive([&](bool joined) { result = joined ? standing::joined : standing::alone; },
             [](const caf::error&) {});
  return result;
}

const char* describe(standing x) {
  return x == standing::joined ? "joined the cluster" : "looking for a coordinator";
}

readiness readiness_of(caf::actor_system& system, const host_actor& node) {
  return [&system, node]() -> std::vector<readiness_check> {
    auto now = standing_of(system, node, look_patience);
    return {{"cluster", now == standing::joined,
             now == standing::silent ? "the worker does not answer" : describe(now), true}};
  };
}

// Tells the service manager that we are there: when we have joined, or after we have tried to.
// Returns false if we are to end already.
bool tell_ready(caf::actor_system& system, const host_actor& node, const service_notify& manager,
                stop_signal& stop) {
  auto until = std::chrono::steady_clock::now() + join_patience;
  auto now = standing_of(system, node, join_patience);
  while (now == standing::alone && std::chrono::steady_clock::now() < until) {
    if (stop.wait_for(join_pause) != 0)
      return false;
    now = standing_of(system, node, join_patience);
  }
  if (now != standing::silent)
    manager.ready(describe(now));
  return true;
}

// Returns when an operator wants us to end.
void serve(caf::actor_system& system, const host_actor& node, stop_signal& stop) {
  service_notify manager;
  auto is_well = [&](milliseconds patience) {
    auto now = standing_of(system, node, patience);
    if (now != standing::silent)
      manager.status(describe(now));
    return now != standing::silent;
  };
  if (tell_ready(system, node, manager, stop))
    await_stop(stop, manager, is_well);
  manager.stopping();
}

} // namespace

int run_worker(const settings& config,
               const std::function<worker_service(readiness)>& make_service) {
  stop_signal stop;
  auto engine = std::make_shared<run_engine>(config);
  if (auto ready = engine->prepare(); !ready) {
    spdlog::error("the script runtime is not ready: {}", describe(ready.error()));
    return 1;
  }
  auto who = identify(config);
  set_log_fact("worker", who.worker);
  auto identity = load_identity(
    {config.cluster.tls_ca, config.cluster.tls_cert, config.cluster.tls_key}, who.worker);
  if (!identity) {
    spdlog::error("{}", detail_of(identity.error()));
    return 1;
  }
  cluster_config cluster{config.cluster.heartbeat, config.cluster.silence_max, *identity};
  caf::actor_system system{cluster};
  auto store = spawn_node_store(system, store_config_of(config), who);
  if (!store) {
    spdlog::error("{}", describe(store.error()));
    return 1;
  }
  auto runtime = spawn_runtime(system, starter_of(engine));
  auto dialer = spawn_dialer(system, {"worker", who.worker});
  auto node = spawn_node(system, node_config_of(config, who), runtime, *store, dialer);
  engine->commands().connect(line_through(node));
  engine->take_actions(who.worker);
  log_level_follower level{store_config_of(config), who.worker, config.log.level};
  spdlog::info("worker {} with {} slots", who.worker, engine->slots());
  auto service = make_service(readiness_of(system, node));
  auto serving = service.start();
  if (!serving)
    spdlog::error("cannot serve metrics: {}", describe(serving.error()));
  else
    serve(system, node, stop);
  spdlog::info("stopping");
  service.stop();
  auto seconds = std::chrono::duration_cast<std::chrono::seconds>(config.worker.stop_deadline);
  end_within(seconds + std::chrono::seconds{5});
  auto until = std::chrono::steady_clock::now() + config.worker.stop_deadline;
  engine->hold_actions();
  end(system, node, runtime, *store, dialer, config.worker.stop_deadline);
  auto left = until - std::chrono::steady_clock::now();
  engine->await_actions(std::max(std::chrono::duration_cast<milliseconds>(left), milliseconds{0}));
  engine->commands().disconnect();
  return serving ? 0 : 1;
}

} // namespace varia
