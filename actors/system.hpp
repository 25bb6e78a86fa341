#pragma once

#include "actors/interfaces.hpp"
#include "actors/node_identity.hpp"
#include "actors/tls_network.hpp"
#include "config/settings.hpp"
#include "core/time.hpp"

#include <caf/actor_system_config.hpp>
#include <caf/io/middleman_actor.hpp>

namespace varia {

/// The version of what processes of a cluster tell each other. It grows with every change of a
/// message that an older program would misread; processes of different ones do not talk.
inline constexpr uint32_t cluster_protocol = 3;

/// The version of this program, for people.
extern const char* const software_version;

/// The label by which a worker tells the version of its program.
inline constexpr auto version_label = "varia";

/// Makes every message of ours known to a system about to be built.
void register_messages(caf::actor_system_config& config);

/// The configuration of a process that takes part in a cluster: messages registered, networking
/// loaded, heartbeats on, a node id that no other process has, and a scheduler that neither starves
/// an actor nor spins when idle. `heartbeat` is how often a silent connection says that it lives,
/// `silence_max` after how long without a byte it counts as broken; both ends must agree roughly.
/// With an identity, all connections are TLS and both sides show their certificates. See
/// docs/decisions/0002-actors.md.
class cluster_config : public caf::actor_system_config {
public:
  cluster_config(milliseconds heartbeat, milliseconds silence_max,
                 const identity_ptr& identity = nullptr);

  /// Null without an identity.
  const tls_link_ptr& tls() const { return tls_; }

private:
  tls_link_ptr tls_;
};

/// Returns what connects and listens in a system with a `cluster_config`.
caf::io::middleman_actor network_of(caf::actor_system& system);

/// Returns who this process is to its peers; null without TLS.
identity_ptr identity_of(const caf::actor_system& system);

/// Hands out, once, what is known of why the last connection to an address failed, in words.
std::string failure_at(const caf::actor_system& system, const endpoint& where);

} // namespace varia
