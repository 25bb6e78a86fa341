#include "coordinator/coordinator_state.hpp"

#include <caf/actor_system.hpp>

namespace varia {

namespace coordinating {

namespace {

std::string duty_word(const member& x) {
  return x.leaving ? "leaving" : to_string(x.duty);
}

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
  for (auto& [name, worker] : my.workers) {
    auto load = worker.load;
    load.variants = static_cast<uint32_t>(my.variants.owned_by(name).size());
    result.workers.push_back(
      {name, worker.address, !worker.leaving, load, duty_word(worker), worker.labels});
  }
  return result;
}

impl_actor::behavior_type coordinator(self_ptr self, coordinator_config config,
                                      coordinator_peers peers) {
  auto& my = self->state;
  my.chance.seed(config.seed);
  my.placements.emplace(config.placements_per_s);
  my.config = std::move(config);
  my.peers = std::move(peers);
  self->set_down_handler([self](const caf::down_msg& down) { lose_node(self, down.source); });
  self->send(self, atom::tick_v);
  self->send(self, atom::workers_v);
  using keys = std::vector<variant_key>;
  return {
    [self](atom::join, const join_request& who, node_actor& node) {
      return join(self, who, std::move(node));
    },
    [self](atom::report, const std::string& worker, const worker_load& load) {
      return note_load(self, worker, load);
    },
    [self](atom::lost, const std::string& worker, const std::string& id, const token& owner) {
      return lost(self, worker, id, owner);
    },
    [self](atom::leave, const std::string& worker, uint64_t deadline) {
      return leave(self, worker, deadline);
    },
    [self](atom::add, const variant_key& key, const std::string& id, bool paused,
           const timing& of_function) { return add(self, key, id, paused, of_function); },
    [self](atom::remove, const variant_key& key) { return remove(self, key); },
    [self](atom::change, const variant_batch& batch) { return change(self, batch); },
    [self](atom::limit, const limit_change& what) { return set_limit(self, what); },
    [self](atom::pause, const keys& which) { return set_paused(self, which, true, {}); },
    [self](atom::pause, const keys& which, const std::string& why) {
      return set_paused(self, which, true, why);
    },
    [self](atom::start, const keys& which) { return set_paused(self, which, false, {}); },
    [self](atom::cancel, const keys& which, const std::string& why) {
      return cancel(self, which, why);
    },
    [self](atom::trigger, const keys& which, const trigger_options& options) {
      return trigger(self, which, options);
    },
    [self](atom::wake, const keys& which) { return wake(self, which); },
    [self](atom::frequency, const variant_key& key, const std::string& text,
           const timing& of_function) { return set_frequency(self, key, text, of_function); },
    [self](atom::schedule, const variant_key& key, const std::string& text, bool replaces_frequency,
           const timing& of_function) {
      return set_schedule(self, key, text, replaces_frequency, of_function);
    },
    [self](atom::ensure, const std::vector<sync_wish>& wishes) { return ensure(self, wishes); },
    [self](atom::forget, connection_number connection) {
      return forget(self, self->state.variants.syncs_of(connection));
    },
    [self](atom::forget, const sync_id& sync) { return forget(self, {sync}); },
    [self](atom::cordon, const std::string& worker, bool on) { return cordon(self, worker, on); },
    [self](atom::drain, const std::string& worker, uint64_t deadline) {
      return drain(self, worker, deadline);
    },
    [self](atom::move, const variant_key& key, const std::string& worker, uint64_t deadline) {
      return move(self, key, worker, deadline);
    },
    [self](atom::rebalance, bool apply) { return rebalance(self, apply); },
    [self](atom::promote, const std::string& name) { return promote(self, name); },
    [self](atom::status) { return describe_cluster(self); },
    [self](atom::tick) { beat(self); },
    [self](atom::workers) { watch_workers(self); },
    [self](atom::place) { place_homeless(self); },
  };
}

} // namespace

} // namespace coordinating

coordinator_actor spawn_coordinator(caf::actor_system& system, coordinator_config config,
                                    coordinator_peers peers) {
  return system.spawn(coordinating::coordinator, std::move(config), std::move(peers));
}

} // namespace varia
