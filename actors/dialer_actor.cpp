#include "actors/dialer_actor.hpp"

#include "actors/handshake.hpp"
#include "actors/reach.hpp"
#include "actors/system.hpp"
#include "config/setting_values.hpp"
#include "core/ids.hpp"
#include "core/seldom.hpp"

#include <caf/actor_system.hpp>
#include <caf/typed_event_based_actor.hpp>

#include <spdlog/spdlog.h>

#include <memory>
#include <set>
#include <utility>

namespace varia {

namespace {

constexpr std::chrono::seconds reach_patience{1};
constexpr std::chrono::seconds probe_patience{5};
constexpr std::chrono::seconds patience{3};
constexpr std::chrono::minutes log_pause{1};
constexpr size_t dials_max = 16;

// Asks in a thread of its own whether anybody is at an address, and ends.
using probe_actor
  = caf::typed_actor<caf::replies_to<atom::dial, std::string>::with<std::string, uint16_t>>;

struct dialer_state {
  static inline const char* name = "dialer";

  dialer_config config;
  size_t dialing = 0;
  seldom refusals{log_pause};
};

using self_ptr = dialer_actor::stateful_pointer<dialer_state>;
using promise = caf::typed_response_promise<coordinator_actor>;

// One dial on its way through the steps below.
struct dial {
  std::string address;
  endpoint where; ///< With a number for a host.
  promise answer;
  bool connecting = false; ///< Somebody is there, and CAF talks to him.
  bool again = false;      ///< It is the second try to connect.
};
using dial_ptr = std::shared_ptr<dial>;

milliseconds now(self_ptr self) {
  return std::chrono::duration_cast<milliseconds>(self->clock().now().time_since_epoch());
}

// CAF's own errors say little to people.
caf::error in_words(self_ptr self, const dial& what, const caf::error& why) {
  if (auto known = failure_at(self->system(), what.where); !known.empty())
    return fail(errc::invalid, known);
  if (!detail_of(why).empty())
    return why;
  std::string words = what.connecting ? "it takes connections, but " : "";
  words += why == caf::sec::disconnect_during_handshake ? "it ends the connection"
                                                        : "it does not answer";
  if (what.connecting && !identity_of(self->system()))
    words += "; it may want certificates, see cluster.tls_ca";
  return fail(errc::unavailable, words);
}

void end(self_ptr self, dial& what, expected<coordinator_actor> result) {
  --self->state.dialing;
  if (result) {
    what.answer.deliver(std::move(*result));
    return;
  }
  auto why = in_words(self, what, result.error());
  auto words = what.address + ": " + detail_of(why);
  // That nobody is there is for the caller to tell, who may know another address.
  auto somebody = code_of(why) == errc::invalid || what.connecting;
  if (somebody && self->state.refusals.may_say(what.address, now(self)))
    spdlog::warn("no talk with the coordinator at {}", words);
  what.answer.deliver(fail(code_of(why), words));
}

probe_actor::behavior_type probe(probe_actor::pointer self) {
  return {
    [self](atom::dial, const std::string& address) -> caf::result<std::string, uint16_t> {
      self->quit();
      auto where = parse_endpoint(address);
      if (!where)
        return std::move(where.error());
      auto found = reach(*where, reach_patience);
      if (!found)
        return std::move(found.error());
      return {found->host, found->port};
    },
  };
}

// The third step: we are let in.
void enter(self_ptr self, const dial_ptr& what, const door_actor& door, const std::string& proof) {
  self->request(door, patience, atom::enter_v, proof)
    .then([self, what](coordinator_actor& found) { end(self, *what, std::move(found)); },
          [self, what](caf::error& why) { end(self, *what, std::move(why)); });
}

// Returns our proof, if theirs is good.
expected<std::string> believe(self_ptr self, const handshake& all) {
  if (auto fine = judge(all.door); !fine)
    return std::move(fine.error());
  auto identity = identity_of(self->system());
  if (!identity)
    return std::string{};
  auto proven = identity->verify(all.door.certificate, all.door.name, text_to_sign(side::door, all),
                                 all.door.proof);
  if (!proven)
    return std::move(proven.error());
  return identity->sign(text_to_sign(side::guest, all));
}

// The second step: both sides say who they are.
void knock(self_ptr self, const dial_ptr& what, const door_actor& door) {
  auto& [kind, name] = self->state.config;
  greeting ours{cluster_protocol, software_version, kind, name, make_uuid(), {}, {}};
  if (auto identity = identity_of(self->system()))
    ours.certificate = identity->certificate();
  self->request(door, patience, atom::knock_v, ours)
    .then(
      [self, what, door, ours](const greeting& theirs) {
        auto proof
          = believe(self, {ours, theirs, to_string(self->node()), to_string(door->node())});
        if (!proof)
          end(self, *what, std::move(proof.error()));
        else
          enter(self, what, door, *proof);
      },
      [self, what](caf::error& why) { end(self, *what, std::move(why)); });
}

// The first step: CAF opens the connection.
void connect(self_ptr self, const dial_ptr& what) {
  self
    ->request(network_of(self->system()), patience, caf::connect_atom_v, what->where.host,
              what->where.port)
    .then(
      [self, what](const caf::node_id&, const caf::strong_actor_ptr& who,
                   const std::set<std::string>& words) {
        what->connecting = false;
        auto& system = self->system();
        if (!who || !system.assignable(words, system.message_types<door_actor>()))
          end(self, *what, fail(errc::invalid, "no coordinator of a version like ours"));
        else
          knock(self, what, caf::actor_cast<door_actor>(who));
      },
      [self, what](caf::error& why) {
        // A heartbeat that is due while the connection is made takes it for a dead one; there is
        // time enough until the next.
        auto cut_off = why == caf::sec::connection_timeout && !std::exchange(what->again, true);
        if (cut_off)
          connect(self, what);
        else
          end(self, *what, std::move(why));
      });
}

caf::result<coordinator_actor> begin(self_ptr self, std::string& address) {
  auto& my = self->state;
  if (my.dialing >= dials_max)
    return fail(errc::unavailable, "too many dials at once");
  ++my.dialing;
  auto what = std::make_shared<dial>();
  what->address = std::move(address);
  what->answer = self->make_response_promise<coordinator_actor>();
  self->request(self->spawn<caf::detached>(probe), probe_patience, atom::dial_v, what->address)
    .then(
      [self, what](std::string& host, uint16_t port) {
        what->where = {std::move(host), port};
        what->connecting = true;
        connect(self, what);
      },
      [self, what](caf::error& why) { end(self, *what, std::move(why)); });
  return what->answer;
}

dialer_actor::behavior_type dialer(self_ptr self, dialer_config config) {
  self->state.config = std::move(config);
  return {[self](atom::dial, std::string& address) { return begin(self, address); }};
}

} // namespace

dialer_actor spawn_dialer(caf::actor_system& system, dialer_config config) {
  return system.spawn(dialer, std::move(config));
}

} // namespace varia
