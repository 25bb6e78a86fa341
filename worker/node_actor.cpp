#include "worker/node_actor.hpp"

#include "worker/variant_actor.hpp"

#include <caf/actor_system.hpp>
#include <caf/typed_event_based_actor.hpp>

#include <spdlog/spdlog.h>

#include <algorithm>
#include <memory>
#include <random>
#include <unordered_map>
#include <utility>

namespace varia {

namespace {

constexpr std::chrono::seconds patience{10};
constexpr milliseconds pause_min{100};
constexpr milliseconds pause_max{2000};

// What the coordinator sees, what the own worker sees, and what a NODE tells itself.
using impl_actor = node_actor::extend_with<host_actor>::extend<caf::reacts_to<atom::tick>,
                                                               caf::reacts_to<atom::dial>>;

// A variant that is hosted, and one whose past is still being read.
struct hosted_variant {
  variant_actor actor;
  token owner;
};
struct arriving_variant {
  assignment what;
  bool woken = false;
  bool restart = false;
};

struct node_state {
  static inline const char* name = "node";

  node_config config;
  node_store_actor store;
  dialer_actor dialer;
  coordinator_actor coordinator; ///< Invalid while not joined.
  std::shared_ptr<variant_peers> peers;
  std::unordered_map<std::string, hosted_variant> hosted;
  std::unordered_map<std::string, arriving_variant> arriving;
  milliseconds pause = pause_min; ///< Before the next dial.
  std::minstd_rand chance{std::random_device{}()};
};

using self_ptr = impl_actor::stateful_pointer<node_state>;

// Workers that lost one coordinator together must not come back together.
void dial_later(self_ptr self) {
  auto& my = self->state;
  std::uniform_int_distribution<int64_t> jitter{0, my.pause.count() / 2};
  self->delayed_send(self, my.pause + milliseconds{jitter(my.chance)}, atom::dial_v);
  my.pause = std::min(my.pause * 2, pause_max);
}

void join(self_ptr self, coordinator_actor coordinator) {
  auto& my = self->state;
  auto& me = my.config.identity;
  join_request request{me.worker, me.boot, me.address, 0, {}};
  for (auto& [id, variant] : my.hosted)
    request.hosted.emplace_back(id, variant.owner);
  self->request(my.peers->runtime, patience, atom::load_v)
    .then([self, coordinator, request](const worker_load& load) mutable {
      request.slots = load.slots;
      self->request(coordinator, patience, atom::join_v, request, node_actor{self})
        .then(
          [self, coordinator](atom::ok) {
            self->monitor(coordinator);
            self->state.coordinator = coordinator;
            self->state.pause = pause_min;
            spdlog::info("joined the cluster as {}", self->state.config.identity.worker);
          },
          [self](const caf::error& why) {
            spdlog::info("the coordinator does not take us in yet: {}", describe(why));
            self->delayed_send(self, std::chrono::seconds{1}, atom::dial_v);
          });
    });
}

void dial(self_ptr self) {
  auto& my = self->state;
  my.coordinator = nullptr;
  self->request(my.dialer, patience, atom::dial_v, my.config.join)
    .then([self](coordinator_actor& found) { join(self, std::move(found)); },
          [self](const caf::error& why) {
            spdlog::debug("no coordinator yet: {}", describe(why));
            dial_later(self);
          });
}

void host(self_ptr self, arriving_variant arrived, const variant_past& past) {
  auto& my = self->state;
  auto id = arrived.what.id;
  auto owner = arrived.what.owner;
  auto actor = spawn_variant(self->system(), my.peers, std::move(arrived.what), past);
  if (arrived.woken)
    self->send(actor, atom::wake_v, arrived.restart);
  my.hosted[id] = {std::move(actor), owner};
}

void drop(self_ptr self, const std::string& id) {
  auto& my = self->state;
  my.arriving.erase(id);
  if (auto found = my.hosted.find(id); found != my.hosted.end()) {
    self->send(found->second.actor, atom::leave_v);
    my.hosted.erase(found);
  }
}

// Hands what is known already to its VARIANT, and returns the rest.
std::vector<assignment> take_news(self_ptr self, std::vector<assignment>& variants) {
  auto& my = self->state;
  std::vector<assignment> strangers;
  for (auto& what : variants) {
    auto hosted = my.hosted.find(what.id);
    if (hosted != my.hosted.end() && hosted->second.owner == what.owner) {
      self->send(hosted->second.actor, atom::put_v, std::move(what));
      continue;
    }
    auto arriving = my.arriving.find(what.id);
    if (arriving != my.arriving.end() && arriving->second.what.owner == what.owner) {
      arriving->second.what = std::move(what);
      continue;
    }
    drop(self, what.id);
    my.arriving[what.id].what = what;
    strangers.push_back(std::move(what));
  }
  return strangers;
}

void settle_in(self_ptr self, const std::vector<assignment>& strangers,
               const std::vector<variant_past>& pasts) {
  auto& my = self->state;
  for (size_t i = 0; i < strangers.size() && i < pasts.size(); ++i) {
    auto found = my.arriving.find(strangers[i].id);
    if (found == my.arriving.end() || found->second.what.owner != strangers[i].owner)
      continue;
    auto arrived = std::move(found->second);
    my.arriving.erase(found);
    host(self, std::move(arrived), pasts[i]);
  }
}

caf::result<atom::ok> put(self_ptr self, std::vector<assignment>& variants) {
  auto strangers = take_news(self, variants);
  if (strangers.empty())
    return atom::ok_v;
  auto promise = self->make_response_promise<atom::ok>();
  self->request(self->state.store, patience, atom::load_v, strangers)
    .then(
      [self, strangers, promise](const std::vector<variant_past>& pasts) mutable {
        settle_in(self, strangers, pasts);
        promise.deliver(atom::ok_v);
      },
      [self, strangers, promise](caf::error& why) mutable {
        for (auto& stranger : strangers)
          self->state.arriving.erase(stranger.id);
        promise.deliver(std::move(why));
      });
  return promise;
}

void wake(self_ptr self, const std::vector<std::string>& ids, bool restart) {
  auto& my = self->state;
  for (auto& id : ids) {
    if (auto found = my.hosted.find(id); found != my.hosted.end()) {
      self->send(found->second.actor, atom::wake_v, restart);
    } else if (auto early = my.arriving.find(id); early != my.arriving.end()) {
      early->second.woken = true;
      early->second.restart = early->second.restart || restart;
    }
  }
}

void cancel(self_ptr self, const std::vector<std::string>& ids, const std::string& why) {
  auto& hosted = self->state.hosted;
  for (auto& id : ids)
    if (auto found = hosted.find(id); found != hosted.end())
      self->send(found->second.actor, atom::cancel_v, why);
}

void lose(self_ptr self, const std::string& id, const token& owner) {
  auto& hosted = self->state.hosted;
  if (auto found = hosted.find(id); found != hosted.end() && found->second.owner == owner)
    hosted.erase(found);
}

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

void report(self_ptr self) {
  self->request(self->state.peers->runtime, patience, atom::load_v).then([self](worker_load load) {
    auto& my = self->state;
    load.variants = static_cast<uint32_t>(my.hosted.size() + my.arriving.size());
    if (!my.coordinator)
      return;
    self->request(my.coordinator, patience, atom::report_v, my.config.identity.worker, load)
      .then([](atom::ok) {},
            [self](const caf::error& why) {
              // A coordinator that has just taken over, or that lost sight of us, wants a new join.
              if (code_of(why) == errc::not_found)
                dial(self);
            });
  });
}

void beat(self_ptr self) {
  auto& my = self->state;
  auto ttl = static_cast<uint64_t>(my.config.lease.count());
  self->delayed_send(self, my.config.lease / 3, atom::tick_v);
  self->request(my.store, my.config.lease, atom::renew_v, ttl)
    .then([](atom::ok) {},
          [](const caf::error& why) {
            spdlog::warn("the worker's lease was not renewed: {}", describe(why));
          });
  report(self);
}

// The last step of a drain: the coordinator hands our variants to others while we still answer.
void part(self_ptr self, caf::typed_response_promise<atom::ok> promise) {
  auto finish = [self, promise]() mutable {
    for (auto& [id, variant] : std::exchange(self->state.hosted, {}))
      self->send(variant.actor, atom::leave_v);
    self->request(self->state.store, std::chrono::seconds{1}, atom::resign_v)
      .then([promise](atom::ok) mutable { promise.deliver(atom::ok_v); },
            [promise](const caf::error&) mutable { promise.deliver(atom::ok_v); });
  };
  auto& my = self->state;
  if (!my.coordinator)
    return finish();
  self->request(my.coordinator, std::chrono::seconds{1}, atom::leave_v, my.config.identity.worker)
    .then([finish](atom::ok) mutable { finish(); },
          [finish](const caf::error&) mutable { finish(); });
}

caf::result<atom::ok> drain(self_ptr self, uint64_t deadline) {
  auto promise = self->make_response_promise<atom::ok>();
  self->request(self->state.peers->runtime, milliseconds{deadline}, atom::drain_v)
    .then([self, promise](atom::ok) { part(self, promise); },
          [self, promise](const caf::error&) {
            spdlog::warn("some scripts did not finish in time and go on elsewhere");
            part(self, promise);
          });
  return promise;
}

impl_actor::behavior_type node(self_ptr self, node_config config, runtime_actor runtime,
                               node_store_actor store, dialer_actor dialer) {
  auto& my = self->state;
  my.peers = std::make_shared<variant_peers>(
    variant_peers{std::move(runtime), store, host_actor{self}, config.now});
  my.config = std::move(config);
  my.store = std::move(store);
  my.dialer = std::move(dialer);
  self->set_down_handler([self](const caf::down_msg& down) {
    if (!self->state.coordinator || down.source != self->state.coordinator.address())
      return;
    spdlog::warn("the connection to the coordinator is lost");
    dial(self);
  });
  self->send(self, atom::tick_v);
  dial(self);
  return {
    [self](atom::put, std::vector<assignment>& variants) { return put(self, variants); },
    [self](atom::leave, const std::vector<std::string>& ids) {
      for (auto& id : ids)
        drop(self, id);
      return atom::ok_v;
    },
    [self](atom::cancel, const std::vector<std::string>& ids, const std::string& why) {
      cancel(self, ids, why);
      return atom::ok_v;
    },
    [self](atom::wake, const std::vector<std::string>& ids, bool restart) {
      wake(self, ids, restart);
      return atom::ok_v;
    },
    [self](atom::lost, const std::string& id, const token& owner) { lose(self, id, owner); },
    [self](atom::trigger, const std::vector<variant_key>& which, const trigger_options& options) {
      return pass_on(self, atom::trigger_v, which, options);
    },
    [self](atom::start, const std::vector<variant_key>& which) {
      return pass_on(self, atom::start_v, which);
    },
    [self](atom::drain, uint64_t deadline) { return drain(self, deadline); },
    [self](atom::tick) { beat(self); },
    [self](atom::dial) { dial(self); },
  };
}

} // namespace

host_actor spawn_node(caf::actor_system& system, node_config config, runtime_actor runtime,
                      node_store_actor store, dialer_actor dialer) {
  return system.spawn(node, std::move(config), std::move(runtime), std::move(store),
                      std::move(dialer));
}

} // namespace varia
