#include "coordinator/coordinator_state.hpp"

#include <caf/actor_system.hpp>

namespace varia {

namespace coordinating {

namespace {

cluster_status describe_cluster(self_ptr self) {
  auto& my = self->state;
  cluster_status result;
  if (my.epoch) {
    result.leader = my.config.name;
    result.epoch = *my.epoch;
  }
  result.variants = my.variants.size();
  result.unplaced = my.homeless.size();
  for (auto& [worker, _] : my.absent)
    result.unplaced += my.variants.owned_by(worker).size();
  for (auto& [name, worker] : my.workers)
    result.workers.push_back({name, worker.address, !worker.leaving, worker.load});
  return result;
}

caf::result<atom::ok> note_load(self_ptr self, const std::string& worker, const worker_load& load) {
  auto& workers = self->state.workers;
  auto found = workers.find(worker);
  if (found == workers.end())
    return fail(errc::not_found, worker + " has not joined");
  found->second.load = load;
  return atom::ok_v;
}

impl_actor::behavior_type coordinator(self_ptr self, coordinator_config config, store_actor store,
                                      retention_actor retention) {
  auto& my = self->state;
  my.variants = registry{config.named_max};
  my.chance.seed(config.seed);
  my.config = std::move(config);
  my.store = std::move(store);
  my.retention = std::move(retention);
  self->set_down_handler([self](const caf::down_msg& down) { lose_node(self, down.source); });
  self->send(self, atom::tick_v);
  using keys = std::vector<variant_key>;
  return {
    [self](atom::join, const join_request& who, node_actor& node) {
      return join(self, who, std::move(node));
    },
    [self](atom::report, const std::string& worker, const worker_load& load) {
      return note_load(self, worker, load);
    },
    [self](atom::leave, const std::string& worker) { return leave(self, worker); },
    [self](atom::add, const variant_key& key, bool paused, uint64_t period) {
      return add(self, key, paused, period);
    },
    [self](atom::remove, const variant_key& key) { return remove(self, key); },
    [self](atom::pause, const keys& which) { return set_paused(self, which, true); },
    [self](atom::start, const keys& which) { return set_paused(self, which, false); },
    [self](atom::wake, const keys& which) { return wake(self, which); },
    [self](atom::trigger, const keys& which, const trigger_options& options) {
      return trigger(self, which, options);
    },
    [self](atom::frequency, const variant_key& key, const std::string& text, uint64_t period) {
      return set_frequency(self, key, text, period);
    },
    [self](atom::ensure, const std::vector<sync_wish>& wishes) { return ensure(self, wishes); },
    [self](atom::forget, connection_number connection) {
      return forget(self, self->state.variants.syncs_of(connection));
    },
    [self](atom::forget, const sync_id& sync) { return forget(self, {sync}); },
    [self](atom::status) { return describe_cluster(self); },
    [self](atom::tick) { beat(self); },
  };
}

} // namespace

} // namespace coordinating

coordinator_actor spawn_coordinator(caf::actor_system& system, coordinator_config config,
                                    store_actor store, retention_actor retention) {
  return system.spawn(coordinating::coordinator, std::move(config), std::move(store),
                      std::move(retention));
}

} // namespace varia
