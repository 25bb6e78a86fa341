#include "worker/variant_actor.hpp"

#include "worker/run_metrics.hpp"
#include "worker/variant_life.hpp"

#include <caf/actor_system.hpp>
#include <caf/typed_event_based_actor.hpp>

#include <algorithm>
#include <memory>
#include <optional>

namespace varia {

namespace {

// The public interface, and what a VARIANT tells itself: its alarms are numbered, because a sent
// one cannot be taken back; and that the time is up which a run had to make way.
using impl_actor
  = variant_actor::extend<caf::reacts_to<atom::tick, uint32_t>, caf::reacts_to<atom::yield>>;

struct variant_state {
  static inline const char* name = "variant";

  std::shared_ptr<const variant_peers> peers;
  std::optional<variant_life> life;
  time_ms alarm_at = -1;
  uint32_t alarm = 0;
  std::unique_ptr<caf::typed_response_promise<atom::ok>> awaited; ///< To be told that it is free.
  gauge_share failing{measured_runs().failing};
};

using self_ptr = impl_actor::stateful_pointer<variant_state>;

void set_alarm(self_ptr self) {
  auto& my = self->state;
  auto now = my.peers->now();
  auto next = my.life->next_alarm(now);
  if (next.value_or(-1) == my.alarm_at)
    return;
  my.alarm_at = next.value_or(-1);
  ++my.alarm;
  if (next) {
    milliseconds wait{std::max<time_ms>(*next - now, 0)};
    self->delayed_send(self, wait, atom::tick_v, my.alarm);
  }
}

run_order order_of(const variant_step::start_run& x, uint32_t retries) {
  return {x.slot.value_or(-1), x.missed, x.retry, retries};
}

// Whoever waits for us to make way need not wait any longer.
void set_free(self_ptr self) {
  if (auto awaited = std::move(self->state.awaited))
    awaited->deliver(atom::ok_v);
  self->quit();
}

// What gets no answer is asked again: the life of the variant sees to that.
void ask_to_stop(self_ptr self, const std::string& reason) {
  auto& my = self->state;
  self
    ->request(my.peers->host, variant_life::stop_again_after, atom::pause_v, my.life->what().key,
              reason)
    .then([](atom::ok) {}, [](const caf::error&) {});
}

void follow(self_ptr self, const variant_step& step) {
  auto& my = self->state;
  auto& what = my.life->what();
  my.failing.set(my.life->is_failing());
  if (step.over) {
    self->send(my.peers->host, atom::lost_v, what.id, what.owner);
    set_free(self);
    return;
  }
  if (step.freed) {
    set_free(self);
    return;
  }
  if (step.cancel)
    self->send(my.peers->runtime, atom::cancel_v, what.id, *step.cancel);
  for (auto& note : step.notes) {
    measured_runs().ticks[note.what].add(note.count);
    self->send(my.peers->store, atom::note_v, what, note);
  }
  if (step.stop)
    ask_to_stop(self, *step.stop);
  if (step.start && step.start->slot)
    measured_runs().ticks["ran"].add();
  if (step.start)
    self->send(my.peers->runtime, atom::run_v, variant_actor{self}, what,
               order_of(*step.start, my.life->retries()));
  set_alarm(self);
}

void ring(self_ptr self, uint32_t alarm) {
  auto& my = self->state;
  if (alarm != my.alarm)
    return;
  my.alarm_at = -1;
  follow(self, my.life->tick(my.peers->now()));
}

void leave(self_ptr self) {
  auto& my = self->state;
  if (my.life->active())
    self->send(my.peers->runtime, atom::cancel_v, my.life->what().id,
               std::string{"the variant has moved or was deleted"});
  set_free(self);
}

caf::result<atom::ok> yield(self_ptr self, uint64_t deadline) {
  auto& my = self->state;
  if (my.life->active() && deadline == 0)
    return fail(errc::conflict, "the variant runs");
  if (my.awaited)
    return fail(errc::conflict, "the variant makes way already");
  my.awaited = std::make_unique<caf::typed_response_promise<atom::ok>>(
    self->make_response_promise<atom::ok>());
  auto answer = *my.awaited;
  auto step = my.life->yield();
  if (!step.freed) {
    self->send(my.peers->runtime, atom::yield_v, my.life->what().id, false);
    self->delayed_send(self, milliseconds{deadline}, atom::yield_v);
  }
  follow(self, step);
  return answer;
}

void run_out_of_time(self_ptr self) {
  auto& my = self->state;
  self->send(my.peers->runtime, atom::yield_v, my.life->what().id, true);
}

impl_actor::behavior_type variant(self_ptr self, std::shared_ptr<const variant_peers> peers,
                                  assignment what, const variant_past& past) {
  auto& my = self->state;
  my.peers = std::move(peers);
  my.life.emplace(std::move(what), past);
  follow(self, my.life->begin(my.peers->now()));
  return {
    [self](atom::put, assignment& wanted) {
      follow(self, self->state.life->assign(std::move(wanted), self->state.peers->now()));
    },
    [self](atom::wake, bool restart) { follow(self, self->state.life->wake(restart)); },
    [self](atom::cancel, const std::string& why) { follow(self, self->state.life->cancel(why)); },
    [self](atom::leave) { leave(self); },
    [self](atom::yield, uint64_t deadline) { return yield(self, deadline); },
    [self](atom::yield) { run_out_of_time(self); },
    [self](atom::ended, const run_end& how) {
      follow(self, self->state.life->end(how, self->state.peers->now()));
    },
    [self](atom::tick, uint32_t alarm) { ring(self, alarm); },
  };
}

} // namespace

variant_actor spawn_variant(caf::actor_system& system, std::shared_ptr<const variant_peers> peers,
                            assignment what, const variant_past& past) {
  return system.spawn(variant, std::move(peers), std::move(what), past);
}

} // namespace varia
