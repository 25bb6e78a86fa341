#include "actors/door_actor.hpp"

#include "actors/handshake.hpp"
#include "actors/system.hpp"
#include "actors/visitors.hpp"
#include "config/setting_values.hpp"
#include "core/ids.hpp"
#include "core/seldom.hpp"

#include <caf/actor_system.hpp>
#include <caf/scoped_actor.hpp>
#include <caf/typed_event_based_actor.hpp>

#include <spdlog/spdlog.h>

#include <utility>

namespace varia {

namespace {

constexpr size_t waiting_max = 1000;
constexpr size_t shown_max = 100;
constexpr std::chrono::seconds patience{10};
constexpr std::chrono::minutes log_pause{1};

struct door_state {
  static inline const char* name = "door";

  std::string own_name;
  coordinator_actor coordinator;
  identity_ptr identity;
  visitors waiting{waiting_max, patience};
  seldom refusals{log_pause};
};

using self_ptr = door_actor::stateful_pointer<door_state>;

milliseconds now(self_ptr self) {
  return std::chrono::duration_cast<milliseconds>(self->clock().now().time_since_epoch());
}

// Tells the log and the visitor the same words. He may call himself anything, at any length.
caf::error refuse(self_ptr self, const greeting& who, caf::error why) {
  auto kind = who.kind.substr(0, shown_max);
  auto name = who.name.substr(0, shown_max);
  if (self->state.refusals.may_say(name, now(self)))
    spdlog::warn("refused the {} \"{}\": {}", kind, name, detail_of(why));
  return why;
}

handshake between(self_ptr self, const greeting& his, const greeting& ours) {
  return {his, ours, to_string(self->current_sender()->node()), to_string(self->node())};
}

expected<greeting> knock(self_ptr self, greeting& his) {
  auto& my = self->state;
  if (!self->current_sender())
    return fail(errc::invalid, "nobody knocks");
  if (auto fine = judge(his); !fine)
    return refuse(self, his, std::move(fine.error()));
  greeting ours{
    cluster_protocol, software_version, "coordinator", my.own_name, make_uuid(), {}, {}};
  if (my.identity) {
    ours.certificate = my.identity->certificate();
    auto proof = my.identity->sign(text_to_sign(side::door, between(self, his, ours)));
    if (!proof)
      return std::move(proof.error());
    ours.proof = std::move(*proof);
  }
  auto kept = my.waiting.add(to_string(self->current_sender()), {his, ours}, now(self));
  if (!kept)
    return std::move(kept.error());
  return ours;
}

expected<coordinator_actor> enter(self_ptr self, const std::string& proof) {
  auto& my = self->state;
  if (!self->current_sender())
    return fail(errc::invalid, "nobody enters");
  auto found = my.waiting.take(to_string(self->current_sender()), now(self));
  if (!found)
    return std::move(found.error());
  auto& [his, ours] = *found;
  if (my.identity) {
    auto text = text_to_sign(side::guest, between(self, his, ours));
    auto proven = my.identity->verify(his.certificate, his.name, text, proof);
    if (!proven)
      return refuse(self, his, std::move(proven.error()));
  }
  spdlog::info("let in the {} \"{}\" (varia {})", his.kind, his.name, his.software);
  return my.coordinator;
}

door_actor::behavior_type door(self_ptr self, std::string name, coordinator_actor coordinator) {
  self->state.own_name = std::move(name);
  self->state.coordinator = std::move(coordinator);
  self->state.identity = identity_of(self->system());
  return {
    [self](atom::knock, greeting& his) { return knock(self, his); },
    [self](atom::enter, const std::string& proof) { return enter(self, proof); },
  };
}

// Whoever gets through to the port is one of the cluster then.
void warn_of_strangers(const endpoint& where) {
  auto& host = where.host;
  if (host != "localhost" && host != "::1" && host.rfind("127.", 0) != 0)
    spdlog::warn(
      "anybody who reaches {} can join the cluster: cluster.tls_ca, cluster.tls_cert and "
      "cluster.tls_key are not set",
      to_string(where));
}

} // namespace

door_actor spawn_door(caf::actor_system& system, std::string name, coordinator_actor coordinator) {
  return system.spawn(door, std::move(name), std::move(coordinator));
}

expected<uint16_t> publish_door(const door_actor& door, const endpoint& where) {
  auto& system = door->home_system();
  if (!identity_of(system))
    warn_of_strangers(where);
  expected<uint16_t> result{fail(errc::unavailable, "no answer from the network")};
  caf::scoped_actor self{system};
  self
    ->request(network_of(system), patience, caf::publish_atom_v, where.port,
              caf::actor_cast<caf::strong_actor_ptr>(door), system.message_types<door_actor>(),
              where.host, true)
    .receive([&](uint16_t port) { result = port; },
             [&](const caf::error&) {
               result = fail(errc::unavailable, "cannot listen at " + to_string(where));
             });
  return result;
}

} // namespace varia
