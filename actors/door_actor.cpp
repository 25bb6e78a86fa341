#include "actors/door_actor.hpp"

#include "actors/handshake.hpp"
#include "actors/system.hpp"
#include "actors/visitors.hpp"
#include "config/setting_values.hpp"
#include "core/ids.hpp"
#include "core/seldom.hpp"

#include <caf/actor_system.hpp>
#include <caf/io/middleman.hpp>
#include <caf/typed_event_based_actor.hpp>

#include <spdlog/spdlog.h>

#include <utility>

namespace varia {

namespace {

constexpr size_t waiting_max = 1000;
constexpr std::chrono::seconds patience{10};
constexpr std::chrono::minutes log_pause{1};

struct door_state {
  static inline const char* name = "door";

  std::string own_name;
  coordinator_actor coordinator;
  visitors waiting{waiting_max, patience};
  seldom refusals{log_pause};
};

using self_ptr = door_actor::stateful_pointer<door_state>;

milliseconds now(self_ptr self) {
  return std::chrono::duration_cast<milliseconds>(self->clock().now().time_since_epoch());
}

// Tells the log and the visitor the same words.
caf::error refuse(self_ptr self, const greeting& who, caf::error why) {
  if (self->state.refusals.may_say(who.name, now(self)))
    spdlog::warn("refused the {} \"{}\": {}", who.kind, who.name, detail_of(why));
  return why;
}

expected<greeting> knock(self_ptr self, greeting& his) {
  auto& my = self->state;
  auto sender = self->current_sender();
  if (!sender)
    return fail(errc::invalid, "nobody knocks");
  if (auto fine = judge(his); !fine)
    return refuse(self, his, std::move(fine.error()));
  greeting ours{
    cluster_protocol, software_version, "coordinator", my.own_name, make_uuid(), {}, {}};
  auto kept = my.waiting.add(to_string(sender), {std::move(his), ours}, now(self));
  if (!kept)
    return std::move(kept.error());
  return ours;
}

expected<coordinator_actor> enter(self_ptr self, const std::string&) {
  auto& my = self->state;
  auto sender = self->current_sender();
  auto found = my.waiting.take(to_string(sender), now(self));
  if (!found)
    return std::move(found.error());
  spdlog::info("let in the {} \"{}\" (varia {})", found->his.kind, found->his.name,
               found->his.software);
  return my.coordinator;
}

door_actor::behavior_type door(self_ptr self, std::string name, coordinator_actor coordinator) {
  self->state.own_name = std::move(name);
  self->state.coordinator = std::move(coordinator);
  return {
    [self](atom::knock, greeting& his) { return knock(self, his); },
    [self](atom::enter, const std::string& proof) { return enter(self, proof); },
  };
}

} // namespace

door_actor spawn_door(caf::actor_system& system, std::string name, coordinator_actor coordinator) {
  return system.spawn(door, std::move(name), std::move(coordinator));
}

expected<uint16_t> publish_door(caf::actor_system& system, const door_actor& door,
                                const endpoint& where) {
  auto port = system.middleman().publish(door, where.port, where.host.c_str(), true);
  if (!port)
    return fail(errc::unavailable, "cannot listen at " + to_string(where));
  return *port;
}

} // namespace varia
