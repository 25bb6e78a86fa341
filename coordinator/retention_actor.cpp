#include "coordinator/retention_actor.hpp"

#include "store/variant_orders.hpp"
#include "store/variants.hpp"

#include <caf/actor_system.hpp>
#include <caf/typed_event_based_actor.hpp>

#include <spdlog/spdlog.h>

#include <memory>
#include <utility>

namespace varia {

namespace {

// The public interface, and when to take the next step of a round.
using impl_actor = retention_actor::extend<caf::reacts_to<atom::tick, uint64_t>>;

struct retention_state {
  static inline const char* name = "retention";

  std::shared_ptr<redis> db;
  retention_rules rules;
  std::optional<retention_round> round; ///< While one is under way.
  uint64_t number = 0;                  ///< Of the round: ticks of another one are late.
};

using self_ptr = impl_actor::stateful_pointer<retention_state>;

// Takes a step against the store and tells the round what came of it.
class step_taker {
public:
  step_taker(redis& db, retention_round& round) : db_{db}, round_{round} {}

  expected<void> operator()(const find_syncs& x) {
    auto syncs = variants{db_}.next_syncs(x.after, x.count);
    if (!syncs)
      return std::move(syncs.error());
    round_.found(std::move(*syncs));
    return caf::unit;
  }

  expected<void> operator()(const bury_variants& x) {
    auto done = variant_orders{db_}.bury(x.sync, x.limit);
    if (!done)
      return std::move(done.error());
    round_.buried(done->buried);
    return caf::unit;
  }

  expected<void> operator()(const find_variants& x) {
    auto entries = variants{db_}.list(x.sync);
    if (!entries)
      return std::move(entries.error());
    std::vector<variant_ref> refs;
    refs.reserve(entries->size());
    for (auto& entry : *entries)
      refs.push_back(ref_of(entry));
    round_.found(std::move(refs));
    return caf::unit;
  }

  expected<void> operator()(const read_states& x) {
    auto states = runs{db_}.states(x.variants);
    if (!states)
      return std::move(states.error());
    round_.found(*states);
    return caf::unit;
  }

  expected<void> operator()(const purge_variant& x) {
    auto live = retention{db_}.purge(x.variant, x.idle_since);
    if (!live)
      return std::move(live.error());
    round_.purged(*live);
    return caf::unit;
  }

  expected<void> operator()(const prune_model& x) {
    auto result = retention{db_}.prune(x.variant, x.model, x.until, x.limit);
    if (result)
      round_.pruned(*result);
    else if (code_of(result.error()) == errc::not_found)
      round_.skip();
    else
      return std::move(result.error());
    return caf::unit;
  }

private:
  redis& db_;
  retention_round& round_;
};

void end_round(self_ptr self) {
  auto& my = self->state;
  if (!my.round)
    return;
  if (auto& done = my.round->totals(); done.pruned + done.purged + done.buried > 0)
    spdlog::info("retention took the payload of {} old records, erased {} of idle variants, and "
                 "all that {} deleted variants had",
                 done.pruned, done.purged, done.buried);
  my.round.reset();
}

void give_up(self_ptr self, const caf::error& why) {
  spdlog::warn("retention waits for its next round: {}", describe(why));
  end_round(self);
}

void begin_round(self_ptr self) {
  auto& my = self->state;
  if (my.round)
    return;
  auto now = retention{*my.db}.now();
  if (!now) {
    give_up(self, now.error());
    return;
  }
  my.round.emplace(my.rules, *now);
  self->send(self, atom::tick_v, ++my.number);
}

void take_step(self_ptr self, uint64_t round) {
  auto& my = self->state;
  if (!my.round || round != my.number)
    return;
  auto step = my.round->next();
  if (!step) {
    end_round(self);
    return;
  }
  auto began = self->clock().now();
  auto taken = std::visit(step_taker{*my.db, *my.round}, *step);
  if (!taken) {
    give_up(self, taken.error());
    return;
  }
  self->delayed_send(self, pause_after(self->clock().now() - began), atom::tick_v, round);
}

impl_actor::behavior_type retaining(self_ptr self, std::shared_ptr<redis> db,
                                    const retention_rules& rules) {
  self->state.db = std::move(db);
  self->state.rules = rules;
  return {
    [self](atom::start) { begin_round(self); },
    [self](atom::cancel) { end_round(self); },
    [self](atom::tick, uint64_t round) { take_step(self, round); },
  };
}

} // namespace

expected<retention_actor> spawn_retention(caf::actor_system& system, const redis_config& config,
                                          const retention_rules& rules) {
  auto db = redis::make(config);
  if (!db)
    return std::move(db.error());
  return system.spawn<caf::detached>(retaining, std::make_shared<redis>(std::move(*db)), rules);
}

} // namespace varia
