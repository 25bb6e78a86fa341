#pragma once

#include "actors/node_identity.hpp"
#include "config/settings.hpp"
#include "core/seldom.hpp"

#include <caf/actor_system.hpp>
#include <caf/io/middleman_actor.hpp>

#include <map>
#include <memory>
#include <mutex>
#include <string>

namespace varia {

/// Why connections came to nothing: for the log what others did at our port, each host and reason
/// at most once a minute, and for the DIALER what became of its own. Any thread may use it.
class tls_reports {
public:
  /// Somebody connected to us and was refused.
  void refused(const std::string& host, const std::string& why);

  /// A connection of ours failed.
  void failed(const endpoint& to, const std::string& why);

  /// Hands out, once, why the last connection to there failed; empty if nothing is known.
  std::string take(const endpoint& to);

private:
  std::mutex mutex_;
  seldom said_{std::chrono::minutes{1}};
  std::map<std::string, std::string> failures_;
};

/// The TLS of a process: what connects and listens in its actor system in place of CAF's own. CAF
/// 0.17 brings TLS, too, which burns a processor for as long as a peer is silent in the handshake
/// (docs/decisions/0023); this one is made of the same parts of CAF.
struct tls_link {
  explicit tls_link(identity_ptr who) : identity{std::move(who)} {}

  identity_ptr identity;
  tls_reports reports;
  caf::io::middleman_actor network; ///< Valid while the actor system runs.
};

using tls_link_ptr = std::shared_ptr<tls_link>;

/// Makes the module that runs a link within an actor system.
caf::actor_system::module* make_tls_module(caf::actor_system& system, tls_link_ptr link);

} // namespace varia
