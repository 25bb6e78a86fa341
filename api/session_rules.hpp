#pragma once

#include "api/http.hpp"
#include "core/time.hpp"

#include <string>

namespace varia {

/// How browsers are served.
struct dashboard_rules {
  bool on = true;                             ///< False: no pages, and no sessions.
  milliseconds session_for{12 * 3600 * 1000}; ///< How long a session lasts.
  std::string public_url;                     ///< As others reach the API; may be empty.
};

/// The token of a session that a request carries in its cookie; empty if it has none.
std::string session_token_of(const http_request& request);

/// Whether a request is to be judged by its session: it carries one, and no API key.
bool is_by_session(const http_request& request);

/// Makes the token of a new session: 256 random bits as text. Never log it.
std::string make_session_token();

/// What must stand beside the cookie of a session in requests that change something. Pages get it
/// from us, and other sites cannot read it. It tells nothing about the token.
std::string csrf_of(const std::string& session_token);

/// Whether a browser says that one of our own pages sends a request, or that nobody but its user
/// does. `public_url` counts as ours beside the host that the request names. With `is_proof`
/// silence is no, else it is yes.
bool is_from_own_page(const http_request& request, const std::string& public_url, bool is_proof);

/// Whether a request by a session may be served: what changes something needs the word of the page
/// in `X-Varia-Csrf`, and nothing may come from elsewhere.
bool may_session_send(const http_request& request, const std::string& public_url);

/// The value of `Set-Cookie` that gives a session to whoever sent the request; without a token the
/// one that takes it away.
std::string session_cookie(const http_request& request, const std::string& token,
                           milliseconds duration);

} // namespace varia
