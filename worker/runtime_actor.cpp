#include "worker/runtime_actor.hpp"

#include "worker/run_metrics.hpp"
#include "worker/run_queue.hpp"
#include "worker/wait_times.hpp"

#include <caf/actor_system.hpp>
#include <caf/send.hpp>
#include <caf/typed_event_based_actor.hpp>

#include <algorithm>
#include <limits>
#include <optional>
#include <unordered_map>
#include <utility>
#include <vector>

namespace varia {

namespace {

constexpr milliseconds tick_every{250};

// Who waits for longer than this finds the reason in its history; so many of them in each tick.
constexpr milliseconds noted_after{5000};
constexpr size_t notes_max = 25;

// How often a connection that is parked asks again, and how many are let try when a run has ended:
// whose turn it is, the gate itself knows.
constexpr milliseconds park_min{250};
constexpr milliseconds park_max{1000};
constexpr milliseconds park_step{10};
constexpr size_t woken_max = 4;

// A run that was not sent back to wait at a gate by then has begun.
constexpr milliseconds settled_after{1000};

using texts = std::vector<std::string>;

// The public interface, and what the engine's threads tell us: the run of this id has ended, which
// makes room at these gates; and the run of this id has to wait at a gate, for a reason in words.
using impl_actor
  = runtime_actor::extend<caf::reacts_to<atom::ended, std::string, run_end, texts>,
                          caf::reacts_to<atom::defer, std::string, std::string, std::string>,
                          caf::reacts_to<atom::tick>>;

struct waiting_run {
  variant_actor asker;
  assignment what;
  run_order order;
};

using queue_type = run_queue<waiting_run>;

struct running_run {
  queue_type::entry entry;
  time_ms started_at = 0;
  std::optional<std::string> cancelled; ///< The reason.
  bool yields = false;                  ///< It goes on elsewhere.
  bool is_counted = false;              ///< Its wait is among the times.
};

struct runtime_state {
  static inline const char* name = "runtime";

  run_starter starter;
  queue_type queue;
  wait_times waits;
  std::unordered_map<std::string, running_run> running; ///< By variant id.
  std::unordered_map<std::string, waiting_run> behind;  ///< Waits for the id's own last run.
  std::vector<caf::response_promise> drainers;
  bool draining = false;
  bool holding = false; ///< The lease of the worker is not good at this moment.
  bool ticking = false;
  uint32_t busy_permille = 0; ///< Of the slots, a moving average.
};

using self_ptr = impl_actor::stateful_pointer<runtime_state>;

run_end to_message(const run_result& result) {
  return {result.idle ? "idle" : to_string(result.outcome),
          result.error,
          result.fenced,
          result.began,
          result.more,
          result.failed};
}

run_request request_of(const waiting_run& x, milliseconds waited) {
  run_request result;
  result.variant = x.what;
  if (x.order.slot >= 0)
    result.slot = x.order.slot;
  result.missed = x.order.missed;
  result.retry = x.order.retry;
  result.retries = x.order.retries;
  result.waited = waited;
  return result;
}

std::string connection_gate(const assignment& x) {
  return "connection " + std::to_string(x.key.sync.connection);
}

std::string integration_gate(const run_result& x) {
  return "integration " + x.integration;
}

void report_end(const impl_actor& to, const assignment& what, const run_result& result) {
  switch (result.deferred) {
    case gate::connection:
      caf::anon_send(to, atom::defer_v, what.id, connection_gate(what),
                     std::string{"the connection has as many runs as it may"});
      break;
    case gate::integration:
      caf::anon_send(to, atom::defer_v, what.id, integration_gate(result),
                     std::string{"the integration has as many runs as it may"});
      break;
    case gate::none: {
      texts gates;
      if (!result.integration.empty())
        gates = {connection_gate(what), integration_gate(result)};
      caf::anon_send(to, atom::ended_v, what.id, to_message(result), std::move(gates));
    }
  }
}

void start(self_ptr self, queue_type::entry next) {
  auto& my = self->state;
  auto now = my.starter.now();
  auto request = request_of(next.what, milliseconds{std::max<time_ms>(now - next.since, 0)});
  auto what = next.what.what;
  my.running.emplace(what.id, running_run{std::move(next), now, std::nullopt, false, false});
  my.starter.start(std::move(request), [to = impl_actor{self}, what](const run_result& result) {
    report_end(to, what, result);
  });
}

// While something waits, a second hand looks after those that are parked or wait for long.
void keep_ticking(self_ptr self) {
  auto& my = self->state;
  if (my.ticking || my.queue.size() == 0)
    return;
  my.ticking = true;
  self->delayed_send(self, tick_every, atom::tick_v);
}

void fill_slots(self_ptr self) {
  auto& my = self->state;
  while (!my.draining && !my.holding && my.running.size() < my.starter.slots) {
    auto next = my.queue.pop();
    if (!next)
      break;
    start(self, std::move(*next));
  }
  keep_ticking(self);
  if (my.running.empty())
    for (auto& promise : std::exchange(my.drainers, {}))
      promise.deliver(atom::ok_v);
}

void enqueue(self_ptr self, waiting_run next) {
  auto& my = self->state;
  auto id = next.what.id;
  // A variant that was moved away and back may still be winding down its last run here.
  if (my.running.count(id) > 0 || my.queue.contains(id)) {
    my.behind[id] = std::move(next);
    return;
  }
  auto connection = next.what.key.sync.connection;
  my.queue.push(connection, id, my.starter.now(), std::move(next));
  fill_slots(self);
}

void tell_cancelled(self_ptr self, const waiting_run& run, const std::string& reason) {
  self->send(run.asker, atom::ended_v, run_end{"cancelled", reason, false, false, false, {}});
}

void resume_behind(self_ptr self, const std::string& id) {
  auto& my = self->state;
  if (auto found = my.behind.find(id); found != my.behind.end()) {
    auto next = std::move(found->second);
    my.behind.erase(found);
    enqueue(self, std::move(next));
  }
}

void cancel(self_ptr self, const std::string& id, const std::string& reason) {
  auto& my = self->state;
  if (auto run = my.queue.remove(id)) {
    tell_cancelled(self, *run, reason);
    resume_behind(self, id);
  } else if (auto found = my.behind.find(id); found != my.behind.end()) {
    tell_cancelled(self, found->second, reason);
    my.behind.erase(found);
  } else if (auto active = my.running.find(id); active != my.running.end()) {
    active->second.cancelled = reason;
    my.starter.cancel(id, reason);
  }
}

// What has not begun is begun elsewhere.
void give_back(self_ptr self, const waiting_run& run) {
  self->send(run.asker, atom::ended_v,
             run_end{to_string(run_outcome::interrupted), {}, false, false, true, {}});
}

void yield(self_ptr self, const std::string& id, bool now) {
  auto& my = self->state;
  if (auto run = my.queue.remove(id)) {
    give_back(self, *run);
    resume_behind(self, id);
  } else if (auto found = my.behind.find(id); found != my.behind.end()) {
    give_back(self, found->second);
    my.behind.erase(found);
  } else if (auto active = my.running.find(id); active != my.running.end()) {
    active->second.yields = true;
    my.starter.yield(id, now);
  }
}

void hold(self_ptr self, bool on) {
  self->state.holding = on;
  fill_slots(self);
}

void count_wait(self_ptr self, running_run& x) {
  if (!std::exchange(x.is_counted, true))
    self->state.waits.add(x.started_at, milliseconds{x.started_at - x.entry.since});
}

void end(self_ptr self, const std::string& id, const run_end& how, const texts& gates) {
  auto& my = self->state;
  if (auto found = my.running.find(id); found != my.running.end()) {
    count_wait(self, found->second);
    self->send(found->second.entry.what.asker, atom::ended_v, how);
    my.running.erase(found);
  }
  for (auto& gate : gates)
    my.queue.wake(gate, woken_max);
  resume_behind(self, id);
  fill_slots(self);
}

void defer(self_ptr self, const std::string& id, const std::string& gate,
           const std::string& reason) {
  auto& my = self->state;
  auto found = my.running.find(id);
  if (found == my.running.end())
    return;
  auto run = std::move(found->second);
  my.running.erase(found);
  if (run.cancelled) {
    tell_cancelled(self, run.entry.what, *run.cancelled);
    resume_behind(self, id);
  } else if (run.yields) {
    give_back(self, run.entry.what);
    resume_behind(self, id);
  } else {
    auto crowd = static_cast<int64_t>(my.queue.parked_at(gate));
    auto pause = std::min(park_min + park_step * crowd, park_max);
    my.queue.park(std::move(run.entry), gate, reason, my.starter.now() + pause.count());
  }
  fill_slots(self);
}

void tick(self_ptr self) {
  auto& my = self->state;
  auto now = my.starter.now();
  my.ticking = false;
  for (auto& x : my.queue.take_overdue(now - noted_after.count(), notes_max)) {
    measured_runs().ticks["deferred"].add();
    if (my.starter.note_wait)
      my.starter.note_wait(request_of(x.what, {}), x.reason.empty() ? "no slot is free" : x.reason);
  }
  my.queue.wake_due(now);
  fill_slots(self);
}

caf::result<atom::ok> drain(self_ptr self) {
  auto& my = self->state;
  my.draining = true;
  auto promise = self->make_response_promise<atom::ok>();
  my.drainers.emplace_back(promise);
  fill_slots(self);
  return promise;
}

uint32_t count_of(milliseconds span) {
  constexpr int64_t most = std::numeric_limits<uint32_t>::max();
  return static_cast<uint32_t>(std::clamp<int64_t>(span.count(), 0, most));
}

worker_load load(self_ptr self) {
  auto& my = self->state;
  auto now = my.starter.now();
  // What was not sent back soon has got in.
  for (auto& [id, run] : my.running)
    if (now - run.started_at >= settled_after.count())
      count_wait(self, run);
  worker_load result;
  result.running = static_cast<uint32_t>(my.running.size());
  result.queued = static_cast<uint32_t>(my.queue.size() + my.behind.size());
  result.slots = static_cast<uint32_t>(my.starter.slots);
  result.longest_wait_ms = count_of(milliseconds{now - my.queue.oldest().value_or(now)});
  result.wait_p99_ms = count_of(my.waits.p99(now));
  result.wait_max_ms = count_of(my.waits.longest(now));
  // Asked about once a second, so this averages about the last minute.
  auto busy = 1000 * my.running.size() / std::max<size_t>(my.starter.slots, 1);
  my.busy_permille = static_cast<uint32_t>((my.busy_permille * 59 + busy * 1 + 30) / 60);
  result.busy_permille = my.busy_permille;
  return result;
}

impl_actor::behavior_type runtime(self_ptr self, run_starter starter) {
  self->state.starter = std::move(starter);
  return {
    [self](atom::run, variant_actor& asker, assignment& what, run_order order) {
      enqueue(self, {std::move(asker), std::move(what), order});
    },
    [self](atom::cancel, const std::string& id, const std::string& why) { cancel(self, id, why); },
    [self](atom::yield, const std::string& id, bool now) { yield(self, id, now); },
    [self](atom::pause, bool on) { hold(self, on); },
    [self](atom::drain) { return drain(self); },
    [self](atom::load) { return load(self); },
    [self](atom::ended, const std::string& id, const run_end& how, const texts& gates) {
      end(self, id, how, gates);
    },
    [self](atom::defer, const std::string& id, const std::string& gate, const std::string& why) {
      defer(self, id, gate, why);
    },
    [self](atom::tick) { tick(self); },
  };
}

} // namespace

run_starter starter_of(std::shared_ptr<run_engine> engine) {
  run_starter result;
  result.start = [engine](run_request request, run_engine::done_handler done) {
    engine->start(std::move(request), std::move(done));
  };
  result.cancel
    = [engine](const std::string& id, const std::string& why) { engine->cancel(id, why); };
  result.yield = [engine](const std::string& id, bool now) { engine->yield(id, now); };
  result.note_wait = [engine](const run_request& request, const std::string& why) {
    engine->note_wait(request, why);
  };
  result.slots = engine->slots();
  return result;
}

runtime_actor spawn_runtime(caf::actor_system& system, run_starter starter) {
  return system.spawn(runtime, std::move(starter));
}

} // namespace varia
