#include "worker/node_store_actor.hpp"

#include "store/leases.hpp"
#include "store/runs.hpp"

#include <caf/actor_system.hpp>
#include <caf/typed_event_based_actor.hpp>

#include <spdlog/spdlog.h>

#include <memory>
#include <utility>

namespace varia {

namespace {

struct node_store_state {
  static inline const char* name = "node_store";

  std::unique_ptr<redis> db;
  worker_identity identity;
};

using self_ptr = node_store_actor::stateful_pointer<node_store_state>;

expected<leadership> renew(self_ptr self, uint64_t ttl) {
  auto& [db, me] = self->state;
  return leases{*db}.renew_worker(me.worker, me.boot, me.address, milliseconds{ttl});
}

expected<atom::ok> resign(self_ptr self) {
  auto& [db, me] = self->state;
  if (auto given = leases{*db}.give_up_worker(me.worker, me.boot); !given)
    return given.error();
  return atom::ok_v;
}

expected<std::vector<variant_past>> load(self_ptr self, const std::vector<assignment>& variants) {
  std::vector<variant_ref> refs;
  refs.reserve(variants.size());
  for (auto& variant : variants)
    refs.push_back(ref_of(variant));
  auto states = runs{*self->state.db}.states(refs);
  if (!states)
    return std::move(states.error());
  std::vector<variant_past> pasts;
  pasts.reserve(states->size());
  for (auto& state : *states)
    pasts.push_back(
      {state.last_slot.value_or(-1), is_open(state), state.wanted, failing_of(state)});
  return pasts;
}

void note(self_ptr self, const assignment& variant, const tick_note& x) {
  auto settles = x.what == "skipped" || x.what == "missed";
  auto slot = x.slot < 0 ? std::nullopt : std::optional{x.slot};
  auto noted = runs{*self->state.db}.note(ref_of(variant), variant.owner, x.what, x.reason, slot,
                                          x.count, settles);
  if (!noted)
    spdlog::warn("{} of {} was not noted: {}", x.what, to_string(variant.key),
                 describe(noted.error()));
}

node_store_actor::behavior_type node_store(self_ptr self, std::shared_ptr<redis> db,
                                           worker_identity identity) {
  self->state.db = std::make_unique<redis>(std::move(*db));
  self->state.identity = std::move(identity);
  return {
    [self](atom::renew, uint64_t ttl) { return renew(self, ttl); },
    [self](atom::resign) { return resign(self); },
    [self](atom::load, const std::vector<assignment>& variants) { return load(self, variants); },
    [self](atom::note, const assignment& variant, const tick_note& x) { note(self, variant, x); },
  };
}

} // namespace

expected<node_store_actor> spawn_node_store(caf::actor_system& system, const redis_config& config,
                                            worker_identity identity) {
  auto db = redis::make(config);
  if (!db)
    return std::move(db.error());
  return system.spawn<caf::detached>(node_store, std::make_shared<redis>(std::move(*db)),
                                     std::move(identity));
}

} // namespace varia
