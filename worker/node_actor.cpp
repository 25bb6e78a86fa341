#include "worker/node_actor.hpp"

#include "worker/node_state.hpp"
#include "worker/run_metrics.hpp"

#include <caf/actor_system.hpp>

#include <spdlog/spdlog.h>

#include <memory>
#include <utility>

namespace varia {

namespace hosting {

namespace {

// How long the coordinator may take to fetch what we host when nothing runs any more, and how often
// we look.
constexpr milliseconds parting_max{1000};
constexpr milliseconds parting_look{20};

template <class... Words>
caf::result<atom::ok> pass_on(self_ptr self, const Words&... words) {
  auto& my = self->state;
  if (!my.coordinator)
    return fail(errc::unavailable, "the coordinator is out of reach");
  auto promise = self->make_response_promise<atom::ok>();
  self->request(my.coordinator, patience, words...)
    .then([promise](atom::ok) mutable { promise.deliver(atom::ok_v); },
          [promise](caf::error& why) mutable { promise.deliver(std::move(why)); });
  return promise;
}

void measure(const worker_load& load, bool joined) {
  auto& to = measured_runs();
  to.hosted.set(load.variants);
  to.slots.set(load.slots);
  to.running.set(load.running);
  to.queued.set(load.queued);
  to.longest_wait.set(seconds_of(milliseconds{load.longest_wait_ms}));
  to.joined.set(joined ? 1 : 0);
}

void report(self_ptr self) {
  self->request(self->state.peers->runtime, patience, atom::load_v).then([self](worker_load load) {
    auto& my = self->state;
    load.variants = static_cast<uint32_t>(my.hosted.size() + my.arriving.size());
    measure(load, static_cast<bool>(my.coordinator));
    if (!my.coordinator)
      return;
    self->request(my.coordinator, patience, atom::report_v, my.config.identity.worker, load)
      .then([](atom::ok) {},
            [self](const caf::error& why) {
              // A coordinator that has just taken over, or that lost sight of us, wants a new join.
              if (code_of(why) == errc::not_found)
                lose_coordinator(self);
            });
  });
}

// The coordinator may still believe that we host it.
void miss(self_ptr self, const std::string& id, const token& owner) {
  auto& my = self->state;
  auto found = my.hosted.find(id);
  if (found == my.hosted.end() || found->second.owner != owner)
    return;
  my.hosted.erase(found);
  if (my.coordinator)
    self->request(my.coordinator, patience, atom::lost_v, my.config.identity.worker, id, owner)
      .then([](atom::ok) {},
            // Whoever leads is told by a new join.
            [self](const caf::error&) { lose_coordinator(self); });
}

// Without a lease others may own what we host: nothing new begins until it is known.
void hold(self_ptr self, bool on) {
  auto& my = self->state;
  if (my.holding != on)
    self->send(my.peers->runtime, atom::pause_v, on);
  my.holding = on;
}

void renewed(self_ptr self, const leadership& leader, time_ms asked_at) {
  auto& my = self->state;
  my.lease_until = asked_at + my.config.lease.count();
  my.leader = leader;
  hold(self, false);
  auto is_other = leader.leader != my.joined.leader || leader.epoch != my.joined.epoch;
  if (my.coordinator && is_other && !leader.leader.empty())
    return lose_coordinator(self);
  seek(self);
}

void beat(self_ptr self) {
  auto& my = self->state;
  auto ttl = static_cast<uint64_t>(my.config.lease.count());
  self->delayed_send(self, my.config.lease / 3, atom::tick_v);
  self->request(my.store, my.config.lease, atom::renew_v, ttl)
    .then([self, asked_at = my.config.steady()](
            const leadership& leader) { renewed(self, leader, asked_at); },
          [self](const caf::error& why) {
            spdlog::warn("the worker's lease was not renewed: {}", describe(why));
            if (self->state.config.steady() >= self->state.lease_until)
              hold(self, true);
            seek(self);
          });
  report(self);
}

// The last step of a drain. What is still here was interrupted, and goes on elsewhere as soon as
// the lease has been given up.
void part(self_ptr self, caf::typed_response_promise<atom::ok> promise) {
  for (auto& [id, variant] : std::exchange(self->state.hosted, {}))
    self->send(variant.actor, atom::leave_v);
  self->request(self->state.store, std::chrono::seconds{1}, atom::resign_v)
    .then([promise](atom::ok) mutable { promise.deliver(atom::ok_v); },
          [promise](const caf::error&) mutable { promise.deliver(atom::ok_v); });
}

void await_emptiness(self_ptr self, caf::typed_response_promise<atom::ok> promise) {
  auto& my = self->state;
  auto until = my.config.steady() + parting_max.count();
  my.look = [self, promise, until] {
    auto& now = self->state;
    auto is_empty = now.hosted.empty() && now.arriving.empty();
    if (is_empty || !now.coordinator || now.config.steady() >= until)
      part(self, promise);
    else
      self->delayed_send(self, parting_look, atom::resign_v);
  };
  self->send(self, atom::resign_v);
}

// The coordinator moves elsewhere what does not run at once, and what runs as soon as it can stop.
caf::result<atom::ok> drain(self_ptr self, uint64_t deadline) {
  auto& my = self->state;
  auto promise = self->make_response_promise<atom::ok>();
  my.parting = true;
  if (my.coordinator)
    self->request(my.coordinator, patience, atom::leave_v, my.config.identity.worker, deadline)
      .then([](atom::ok) {}, [](const caf::error&) {});
  self->request(my.peers->runtime, milliseconds{deadline}, atom::drain_v)
    .then([self, promise](atom::ok) { await_emptiness(self, promise); },
          [self, promise](const caf::error&) {
            spdlog::warn("some scripts did not finish in time and go on elsewhere");
            await_emptiness(self, promise);
          });
  return promise;
}

impl_actor::behavior_type node(self_ptr self, node_config config, runtime_actor runtime,
                               node_store_actor store, dialer_actor dialer) {
  auto& my = self->state;
  my.peers = std::make_shared<variant_peers>(
    variant_peers{std::move(runtime), store, host_actor{self}, config.now});
  my.config = std::move(config);
  my.chance.seed(my.config.seed);
  if (!my.config.steady)
    my.config.steady = my.config.now;
  my.store = std::move(store);
  my.dialer = std::move(dialer);
  self->set_down_handler([self](const caf::down_msg& down) {
    if (!self->state.coordinator || down.source != self->state.coordinator.address())
      return;
    spdlog::warn("the connection to the coordinator is lost");
    lose_coordinator(self);
  });
  self->send(self, atom::tick_v);
  return {
    [self](atom::put, std::vector<assignment>& variants) { return put(self, variants); },
    [self](atom::leave, uint64_t epoch, const hosted_list& which) {
      return leave(self, epoch, which);
    },
    [self](atom::cancel, const std::vector<std::string>& ids, const std::string& why) {
      cancel(self, ids, why);
      return atom::ok_v;
    },
    [self](atom::wake, const std::vector<std::string>& ids, bool restart) {
      wake(self, ids, restart);
      return atom::ok_v;
    },
    [self](atom::yield, uint64_t epoch, const std::vector<std::string>& ids, uint64_t deadline) {
      return yield(self, epoch, ids, deadline);
    },
    [self](atom::lost, const std::string& id, const token& owner) { miss(self, id, owner); },
    [self](atom::trigger, const std::vector<variant_key>& which, const trigger_options& options) {
      return pass_on(self, atom::trigger_v, which, options);
    },
    [self](atom::start, const std::vector<variant_key>& which) {
      return pass_on(self, atom::start_v, which);
    },
    [self](atom::pause, const variant_key& which, const std::string& why) {
      return pass_on(self, atom::pause_v, std::vector<variant_key>{which}, why);
    },
    [self](atom::status) { return static_cast<bool>(self->state.coordinator); },
    [self](atom::drain, uint64_t deadline) { return drain(self, deadline); },
    [self](atom::tick) { beat(self); },
    [self](atom::dial) { seek(self); },
    [self](atom::resign) {
      if (self->state.look)
        self->state.look();
    },
  };
}

} // namespace

} // namespace hosting

host_actor spawn_node(caf::actor_system& system, node_config config, runtime_actor runtime,
                      node_store_actor store, dialer_actor dialer) {
  return system.spawn(hosting::node, std::move(config), std::move(runtime), std::move(store),
                      std::move(dialer));
}

} // namespace varia
