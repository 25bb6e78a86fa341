#pragma once

#include "core/error.hpp"
#include "store/connections.hpp"
#include "store/integrations.hpp"
#include "upstream/rate_limit.hpp"
#include "upstream/retry.hpp"

#include <string>
#include <string_view>
#include <vector>

namespace varia {

/// How a provider wants to be shown the credentials. `by_credentials` is for providers that do not
/// say: an API key goes into its header, a name and password are basic, an access token is bearer.
enum class auth_scheme { by_credentials, none, api_key, basic, bearer };

/// How new access tokens are asked for (OAuth 2).
struct token_rules {
  std::string url;           ///< May have placeholders. Empty: tokens cannot be renewed.
  bool uses_basic = false;   ///< The client shows itself in a header, else in the body.
  header_list params;        ///< Sent beside the usual ones.
  std::string scopes;        ///< Separated by blanks; asked for with client credentials.
  std::string client_id;     ///< Of the integration; a connection may bring its own.
  std::string client_secret; ///< Secret, as all that comes out of it.
};

/// What an integration says of its provider. Base URL and headers may have placeholders, see
/// `fill_template`.
struct provider_rules {
  std::string base_url;
  auth_scheme scheme = auth_scheme::by_credentials;
  std::string auth_header; ///< Empty: X-Api-Key for an API key, Authorization for the others.
  std::string auth_query;  ///< The query parameter that carries an API key instead of a header.
  std::string auth_prefix; ///< Put before the key, with a blank if it ends in a letter or digit.
  header_list headers;     ///< Sent with every request.
  retry_headers retry;
  std::vector<std::string> retry_statuses;
  std::vector<std::string> remaining; ///< Headers that say with "0" that a later try may succeed.
  rate_limit rate;
  token_rules tokens;
  std::string paginate; ///< How it cuts lists into pages: JSON text of a flat object, or empty.
};

/// What goes into a request to prove who asks. Secret: it never reaches a log or an error.
struct request_auth {
  header_list headers;
  header_list query;

  friend bool operator==(const request_auth& a, const request_auth& b) {
    return a.headers == b.headers && a.query == b.query;
  }
};

/// Reads an integration's settings (the JSON text of an object, or empty) over the defaults of its
/// provider. Fails with `invalid` and the name of the field that is wrong.
expected<provider_rules> read_provider_rules(const std::string& provider,
                                             const std::string& settings);

/// The same of an integration as it is stored, with the OAuth client that it has.
expected<provider_rules> read_provider_rules(const integration& x);

/// Turns a connection's credentials (JSON) into what a request must carry. Fails with `invalid` if
/// they lack what the scheme needs; the error tells no value.
expected<request_auth> make_auth(const provider_rules& rules, const std::string& credentials);

/// The same, and the headers that the integration sends with every request: those may hold keys,
/// so they share the fate of the credentials.
expected<request_auth> make_auth(const provider_rules& rules, const connection& link);

/// Returns the texts in a connection's credentials and in its auth that nobody else may read.
std::vector<std::string> secrets_of(const connection& link, const request_auth& auth);

/// True if the texts may stand in a request as a header: a proper name, and a value without line
/// ends that could smuggle in another.
bool is_sendable_header(std::string_view name, std::string_view value);

} // namespace varia
