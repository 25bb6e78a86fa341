#pragma once

#include "core/time.hpp"
#include "upstream/auth.hpp"
#include "upstream/upstream.hpp"

#include <optional>
#include <string>

namespace varia {

/// The token of a connection, as far as its renewal is concerned. Read from its credentials and
/// from what its integration says; of other kinds of credentials nothing is renewable.
struct token_state {
  bool is_renewable = false;         ///< There is all that it takes to ask for a new one.
  bool is_missing = false;           ///< There is none yet.
  std::optional<time_ms> expires_at; ///< Nothing: nobody knows.

  /// True if a new token should be asked for before the next request.
  bool is_due(time_ms now, milliseconds margin) const {
    return is_renewable && (is_missing || !is_usable(now + margin.count()));
  }

  bool is_usable(time_ms now) const { return !is_missing && (!expires_at || *expires_at > now); }
};

token_state read_token(const token_rules& rules, const connection& link);

/// Builds the request for a new token: by the refresh token of an OAUTH2 connection, or by the
/// client credentials of an OAUTH2_CC one. Fails with `invalid` if the integration lacks something.
expected<upstream_request> make_token_request(const token_rules& rules, const connection& link);

/// Returns the credentials (JSON) with the token that the provider has answered, its end, and the
/// refresh token if there is a new one. Fails with `invalid` if the answer has no token; the error
/// tells the provider's error code but nothing else of the answer.
expected<std::string> renewed_credentials(const std::string& credentials,
                                          const upstream_result& answer, time_ms now);

} // namespace varia
