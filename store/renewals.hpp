#pragma once

#include "store/connections.hpp"

#include <optional>
#include <string>

namespace varia {

/// What somebody who wants to renew credentials may do now.
struct renewal_turn {
  enum class word {
    go,      ///< Renew them; then `store` or `fail`.
    busy,    ///< Another one does it. Ask again soon.
    changed, ///< They are not those that were seen. Read them again.
    pausing  ///< The provider has refused a moment ago. Do not ask it yet.
  };

  word is = word::busy;
  milliseconds pause{0};
};

/// What an application is told of the first failure in a row.
struct renewal_notice {
  std::string environment;
  std::string url_override;
  std::string id;      ///< Of the event.
  std::string payload; ///< JSON text, as it is sent.
};

/// Turns at renewing the credentials of connections, cluster-wide. A turn ends by itself after its
/// time; whoever is late cannot overwrite what a later turn has stored.
class renewals {
public:
  explicit renewals(redis& db) : db_{db} {}

  /// Asks for a turn at a connection as it was seen. `nonce` is unique to the turn. Fails with
  /// `not_found` if the connection is gone.
  expected<renewal_turn> begin(const connection& seen, const std::string& nonce, milliseconds span);

  /// Ends a turn with new credentials in place of those that were seen, and forgets earlier
  /// failures. If others are stored by now, those stay. Returns what is stored.
  expected<std::string> store(const connection& seen, const std::string& nonce,
                              const std::string& fresh);

  /// Ends a turn without. Nobody gets one for `pause`, doubled with every failure in a row up to
  /// `longest`; 0 for no pause.
  expected<void> fail(connection_number number, const std::string& nonce, milliseconds pause,
                      milliseconds longest, const std::optional<renewal_notice>& notice = {});

private:
  redis& db_;
};

} // namespace varia
