#include "worker/dialer_actor.hpp"

#include <caf/actor_system.hpp>
#include <caf/io/middleman.hpp>
#include <caf/typed_event_based_actor.hpp>

#include <spdlog/spdlog.h>

#include <algorithm>
#include <random>

namespace varia {

namespace {

constexpr milliseconds pause_min{100};
constexpr milliseconds pause_max{2000};

// The public interface, and the next try.
using impl_actor = dialer_actor::extend<caf::reacts_to<atom::tick>>;

struct dialer_state {
  static inline const char* name = "dialer";

  endpoint where;
  host_actor asker;
  milliseconds pause = pause_min;
  std::minstd_rand chance{std::random_device{}()};
};

using self_ptr = impl_actor::stateful_pointer<dialer_state>;

void dial(self_ptr self) {
  auto& my = self->state;
  auto& middleman = self->system().middleman();
  auto found = middleman.remote_actor<coordinator_actor>(my.where.host, my.where.port);
  if (found) {
    my.pause = pause_min;
    self->send(my.asker, atom::join_v, *found);
    return;
  }
  spdlog::debug("no coordinator at {}:{} yet", my.where.host, my.where.port);
  // Workers that lost one coordinator together must not come back together.
  std::uniform_int_distribution<int64_t> jitter{0, my.pause.count() / 2};
  self->delayed_send(self, my.pause + milliseconds{jitter(my.chance)}, atom::tick_v);
  my.pause = std::min(my.pause * 2, pause_max);
}

impl_actor::behavior_type dialer(self_ptr self, endpoint where) {
  self->state.where = std::move(where);
  return {
    [self](atom::dial, host_actor& asker) {
      self->state.asker = std::move(asker);
      dial(self);
    },
    [self](atom::tick) { dial(self); },
  };
}

} // namespace

dialer_actor spawn_dialer(caf::actor_system& system, endpoint where) {
  return system.spawn<caf::detached>(dialer, std::move(where));
}

} // namespace varia
