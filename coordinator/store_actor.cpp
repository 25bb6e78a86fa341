#include "coordinator/store_actor.hpp"

#include "store/connections.hpp"
#include "store/functions.hpp"
#include "store/leases.hpp"
#include "store/variant_limits.hpp"
#include "store/variant_orders.hpp"
#include "store/variants.hpp"

#include <caf/actor_system.hpp>
#include <caf/typed_event_based_actor.hpp>

#include <map>
#include <memory>
#include <utility>

namespace varia {

namespace {

struct store_state {
  static inline const char* name = "store";

  std::shared_ptr<redis> db;
  std::map<connection_number, std::string> environments; ///< They never change.
};

using self_ptr = store_actor::stateful_pointer<store_state>;

// Finds out when the variants of each connection are due, by what each function says.
class default_timings {
public:
  explicit default_timings(redis& db) : connections_{db}, functions_{db} {}

  expected<timing> of(const sync_id& sync) {
    if (auto known = known_.find(sync); known != known_.end())
      return known->second;
    auto owner = connections_.find(sync.connection);
    if (!owner)
      return std::move(owner.error());
    timing due;
    if (owner->has_value()) {
      auto deployed
        = functions_.find((*owner)->environment, (*owner)->provider_config_key, sync.name);
      if (!deployed)
        return std::move(deployed.error());
      if (deployed->has_value())
        due = timing_of(**deployed);
    }
    known_[sync] = due;
    return due;
  }

private:
  connections connections_;
  functions functions_;
  std::map<sync_id, timing> known_;
};

expected<std::vector<variant_row>> load(self_ptr self, uint64_t epoch) {
  auto& db = *self->state.db;
  auto all = variants{db}.claim_all(epoch);
  if (!all)
    return std::move(all.error());
  default_timings timings{db};
  std::vector<variant_row> rows;
  rows.reserve(all->size());
  for (auto& [entry, placement, wanted] : *all) {
    auto of_function = timings.of(entry.key.sync);
    if (!of_function)
      return std::move(of_function.error());
    auto due = in_effect(entry, *of_function);
    rows.push_back({std::move(entry), std::move(placement), std::move(due), wanted});
  }
  return rows;
}

// Does the same to each variant; the first failure ends it, and repeating the whole is harmless.
template <class Change>
expected<std::vector<variant_entry>> change_all(self_ptr self, const std::vector<variant_key>& keys,
                                                Change change) {
  variants all{*self->state.db};
  std::vector<variant_entry> entries;
  entries.reserve(keys.size());
  for (auto& key : keys) {
    auto entry = change(all, key);
    if (!entry)
      return std::move(entry.error());
    entries.push_back(std::move(*entry));
  }
  return entries;
}

// How many environments of connections are remembered.
constexpr size_t environments_max = 100'000;

// The environment of a connection; empty if it is gone.
expected<std::string> environment_of(self_ptr self, connection_number number) {
  auto& known = self->state.environments;
  if (auto found = known.find(number); found != known.end())
    return found->second;
  auto owner = connections{*self->state.db}.find(number);
  if (!owner)
    return std::move(owner.error());
  if (!*owner)
    return std::string{};
  if (known.size() >= environments_max)
    known.clear();
  return known[number] = (*owner)->environment;
}

// What holds for a sync at this moment. All that changes limits goes through this thread.
expected<uint32_t> limit_of(self_ptr self, const sync_id& sync, uint32_t otherwise) {
  auto environment = environment_of(self, sync.connection);
  if (!environment)
    return std::move(environment.error());
  auto view
    = variant_limits{*self->state.db}.view({*environment, sync.connection, sync.name}, otherwise);
  if (!view)
    return std::move(view.error());
  return view->effective;
}

expected<variant_entry> add(self_ptr self, uint64_t epoch, const variant_key& key,
                            const std::string& id, bool paused, uint32_t named_max) {
  auto limit = key.name == base_variant ? expected<uint32_t>{named_max}
                                        : limit_of(self, key.sync, named_max);
  if (!limit)
    return std::move(limit.error());
  return variants{*self->state.db}.add(epoch, key, paused, *limit, id);
}

expected<variant_entry> remove(self_ptr self, uint64_t epoch, const variant_key& key) {
  auto removed = variants{*self->state.db}.remove(epoch, key);
  if (removed && key.name == base_variant)
    (void)variant_limits{*self->state.db}.forget(key.sync);
  return removed;
}

expected<batch_result> carry_out(self_ptr self, uint64_t epoch, const variant_batch& batch,
                                 uint32_t named_max, milliseconds keep) {
  auto limit = limit_of(self, batch.sync, named_max);
  if (!limit)
    return std::move(limit.error());
  return variant_orders{*self->state.db}.apply(epoch, batch, *limit, keep);
}

expected<atom::ok> without_answer(const expected<void>& done) {
  if (!done)
    return done.error();
  return atom::ok_v;
}

// An operator may name a coordinator without the part that is unique to its process.
expected<atom::ok> promote(self_ptr self, const std::string& from, const std::string& name,
                           milliseconds ttl) {
  leases all{*self->state.db};
  auto alive = all.coordinators();
  if (!alive)
    return std::move(alive.error());
  for (auto& lease : *alive)
    if (lease.holder == name || lease.holder.rfind(name + '/', 0) == 0)
      return without_answer(all.pass_lead(from, lease.holder, ttl));
  return fail(errc::not_found, "no coordinator named " + name + " is alive");
}

store_actor::behavior_type store(self_ptr self, std::shared_ptr<redis> db) {
  self->state.db = std::move(db);
  using keys = std::vector<variant_key>;
  return {
    [self](atom::lead, const candidate& who) { return leases{*self->state.db}.take_lead(who); },
    [self](atom::promote, const std::string& from, const std::string& name, uint64_t ttl) {
      return promote(self, from, name, milliseconds{ttl});
    },
    [self](atom::resign, const std::string& holder) {
      return without_answer(leases{*self->state.db}.give_up_lead(holder));
    },
    [self](atom::load, uint64_t epoch) { return load(self, epoch); },
    [self](atom::workers) { return leases{*self->state.db}.workers(); },
    [self](atom::cordon, uint64_t epoch, const std::string& worker, worker_duty duty) {
      return without_answer(leases{*self->state.db}.set_duty(epoch, worker, duty));
    },
    [self](atom::add, uint64_t epoch, const variant_key& key, const std::string& id, bool paused,
           uint32_t named_max) { return add(self, epoch, key, id, paused, named_max); },
    [self](atom::remove, uint64_t epoch, const variant_key& key) {
      return remove(self, epoch, key);
    },
    [self](atom::change, uint64_t epoch, const variant_batch& batch, uint32_t named_max,
           uint64_t keep) { return carry_out(self, epoch, batch, named_max, milliseconds{keep}); },
    [self](atom::limit, uint64_t epoch, const limit_change& what, uint32_t otherwise) {
      return without_answer(variant_limits{*self->state.db}.set(epoch, what, otherwise));
    },
    [self](atom::pause, uint64_t epoch, const keys& which, bool paused, const std::string& why) {
      return change_all(self, which, [&](variants& all, const variant_key& key) {
        return all.set_paused(epoch, key, paused, why);
      });
    },
    [self](atom::frequency, uint64_t epoch, const variant_key& key, const std::string& text) {
      return variants{*self->state.db}.set_frequency(epoch, key, text);
    },
    [self](atom::schedule, uint64_t epoch, const variant_key& key, const std::string& text,
           bool replaces_frequency) {
      return variants{*self->state.db}.set_schedule(epoch, key, text, replaces_frequency);
    },
    [self](atom::trigger, uint64_t epoch, const keys& which, const trigger_options& options) {
      return change_all(self, which, [&](variants& all, const variant_key& key) {
        return all.want_run(epoch, key, options);
      });
    },
    [self](atom::place, uint64_t epoch, const std::string& worker,
           const std::vector<assignment>& wanted) {
      return variants{*self->state.db}.place(epoch, worker, wanted);
    },
  };
}

} // namespace

expected<store_actor> spawn_store(caf::actor_system& system, const redis_config& config) {
  auto db = redis::make(config);
  if (!db)
    return std::move(db.error());
  return system.spawn<caf::detached>(store, std::make_shared<redis>(std::move(*db)));
}

} // namespace varia
