#include "coordinator/discovery_actor.hpp"

#include "store/connections.hpp"
#include "store/functions.hpp"
#include "store/retention.hpp"
#include "store/variants.hpp"

#include <caf/actor_system.hpp>
#include <caf/typed_event_based_actor.hpp>

#include <spdlog/spdlog.h>

#include <memory>
#include <optional>
#include <utility>

namespace varia {

namespace {

// How many syncs are looked at in one go, so that the thread is free again soon.
constexpr size_t looks_max = 20;

// A sync that could not be looked after is looked at again then.
constexpr milliseconds retry_after{30'000};

// The leader may be away for a while.
constexpr std::chrono::seconds patience{15};

// The public interface, and when to look again.
using impl_actor = discovery_actor::extend<caf::reacts_to<atom::tick, uint64_t>>;

struct discovery_state {
  static inline const char* name = "discovery";

  std::shared_ptr<redis> db;
  discovery_config config;
  coordinator_actor leader;
  std::optional<uint64_t> round; ///< While our coordinator leads.
  uint64_t rounds = 0;
};

using self_ptr = impl_actor::stateful_pointer<discovery_state>;

// A sync whose function tells partitions.
struct watched_sync {
  sync_id sync;
  std::string environment;
  function deployed;
  variant_entry base;
};

// What is being done about the partitions of a sync.
struct errand {
  sync_id sync;
  partitions_row row;
  std::vector<variant_batch> steps;
  size_t next = 0;
  time_ms again_at = 0;
};

using errand_ptr = std::shared_ptr<errand>;

void note_failure(const sync_id& sync, const caf::error& why) {
  spdlog::warn("the partitions of {} were not looked after: {}", to_string(sync), describe(why));
}

// Nothing if nobody tells its partitions any more. A sync whose base is still to come is looked at
// again later.
expected<std::optional<watched_sync>> find_watched(redis& db, const sync_id& sync) {
  auto owner = connections{db}.find(sync.connection);
  if (!owner)
    return std::move(owner.error());
  if (!*owner)
    return std::nullopt;
  auto& of = **owner;
  auto deployed = functions{db}.find(of.environment, of.provider_config_key, sync.name);
  if (!deployed)
    return std::move(deployed.error());
  if (!*deployed || !(*deployed)->partitions)
    return std::nullopt;
  auto base = variants{db}.find({sync, base_variant});
  if (!base)
    return std::move(base.error());
  if (!*base)
    return fail(errc::unavailable, "there is no base variant yet");
  return std::optional{
    watched_sync{sync, of.environment, std::move(**deployed), std::move(**base)}};
}

void note(const order_result& x, partitions_result& to) {
  auto& name = x.entry.key.name;
  switch (x.outcome) {
    case order_outcome::created: return to.created.push_back(name);
    case order_outcome::changed: return to.changed.push_back(name);
    case order_outcome::removed: return to.deleted.push_back(name);
    case order_outcome::full:
    case order_outcome::exists: return to.refused.push_back(name);
    default: return;
  }
}

void finish(self_ptr self, const errand& work) {
  partitions all{*self->state.db};
  auto noted = all.note(work.sync, work.row);
  if (noted)
    noted = all.look_again(work.sync, work.again_at);
  if (!noted)
    return note_failure(work.sync, noted.error());
  auto& done = work.row.result;
  if (done.created.size() + done.changed.size() + done.deleted.size() > 0)
    spdlog::info("partitions of {}: {} variants created, {} changed, {} deleted",
                 to_string(work.sync), done.created.size(), done.changed.size(),
                 done.deleted.size());
  if (done.guarded)
    spdlog::warn("partitions of {}: too many variants would be deleted, none was",
                 to_string(work.sync));
}

void go_on(self_ptr self, const errand_ptr& work) {
  if (work->next == work->steps.size())
    return finish(self, *work);
  self->request(self->state.leader, patience, atom::change_v, work->steps[work->next])
    .then(
      [self, work](const batch_result& done) {
        for (auto& one : done.results)
          note(one, work->row.result);
        ++work->next;
        go_on(self, work);
      },
      [work](const caf::error& why) { note_failure(work->sync, why); });
}

expected<void> act(self_ptr self, const watched_sync& x, partitions_row row, time_ms again_at) {
  auto& my = self->state;
  auto present = variants{*my.db}.list(x.sync);
  if (!present)
    return std::move(present.error());
  auto limit = variant_limits{*my.db}.view({x.environment, x.sync.connection, x.sync.name},
                                           my.config.named_max);
  if (!limit)
    return std::move(limit.error());
  auto plan
    = plan_partitions(row, *present, !x.deployed.auto_start, limit->effective, my.config.rules);
  auto work = std::make_shared<errand>();
  work->sync = x.sync;
  work->again_at = again_at;
  work->row = std::move(row);
  work->row.missing = std::move(plan.missing);
  work->row.result = {};
  work->row.result.at = work->row.found_at;
  work->row.result.refused = std::move(plan.plan.capped);
  work->row.result.foreign = std::move(plan.foreign);
  work->row.result.guarded = plan.guarded;
  variant_batch batch;
  batch.sync = x.sync;
  batch.orders = std::move(plan.plan.orders);
  batch.due = timing_of(x.deployed);
  work->steps = in_steps(batch);
  go_on(self, work);
  return caf::unit;
}

// A base that cannot be woken now finds the question after its next run, or when it is placed.
expected<void> ask(self_ptr self, const watched_sync& x) {
  auto& my = self->state;
  auto asked
    = partitions{*my.db}.ask(ref_of(x.base), x.deployed.sha, my.config.rules.patience, false);
  if (!asked)
    return std::move(asked.error());
  self->request(my.leader, patience, atom::wake_v, std::vector<variant_key>{x.base.key})
    .then([](atom::ok) {}, [](const caf::error&) {});
  return caf::unit;
}

expected<void> look_at(self_ptr self, const sync_id& sync, time_ms now) {
  auto& my = self->state;
  partitions all{*my.db};
  // First, because the answer to a question may come at once, and has it looked at again.
  if (auto later = all.look_again(sync, now + retry_after.count()); !later)
    return later;
  auto watched = find_watched(*my.db, sync);
  if (!watched)
    return std::move(watched.error());
  if (!*watched)
    return all.forget(sync);
  auto row = all.read(sync);
  if (!row)
    return std::move(row.error());
  auto step = next_step(*row, (*watched)->deployed.sha, now, my.config.rules);
  if (step.what == partition_step::kind::act)
    return act(self, **watched, std::move(*row), step.again_at);
  if (step.again_at == 0)
    return all.forget(sync);
  if (auto later = all.look_again(sync, step.again_at); !later)
    return later;
  return step.what == partition_step::kind::ask ? ask(self, **watched) : expected<void>{caf::unit};
}

void look(self_ptr self) {
  auto& my = self->state;
  auto now = retention{*my.db}.now();
  if (!now)
    return;
  auto due = partitions{*my.db}.due(*now, looks_max);
  if (!due)
    return;
  for (auto& sync : *due)
    if (auto done = look_at(self, sync, *now); !done)
      note_failure(sync, done.error());
}

void tick(self_ptr self, uint64_t round) {
  auto& my = self->state;
  if (my.round != round)
    return;
  look(self);
  self->delayed_send(self, my.config.interval, atom::tick_v, round);
}

impl_actor::behavior_type discovering(self_ptr self, std::shared_ptr<redis> db,
                                      const discovery_config& config,
                                      const coordinator_actor& leader) {
  self->state.db = std::move(db);
  self->state.config = config;
  self->state.leader = leader;
  return {
    [self](atom::start) {
      self->state.round = ++self->state.rounds;
      self->send(self, atom::tick_v, *self->state.round);
    },
    [self](atom::cancel) { self->state.round.reset(); },
    [self](atom::tick, uint64_t round) { tick(self, round); },
  };
}

} // namespace

expected<discovery_actor> spawn_discovery(caf::actor_system& system, const redis_config& where,
                                          const discovery_config& config,
                                          const coordinator_actor& leader) {
  auto db = redis::make(where);
  if (!db)
    return std::move(db.error());
  return system.spawn<caf::detached>(discovering, std::make_shared<redis>(std::move(*db)), config,
                                     leader);
}

} // namespace varia
