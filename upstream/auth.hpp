#pragma once

#include "core/error.hpp"
#include "upstream/rate_limit.hpp"
#include "upstream/retry.hpp"

#include <string>
#include <string_view>
#include <vector>

namespace varia {

/// How a provider wants to be shown the credentials. `by_credentials` is for providers that do not
/// say: an API key goes into its header, a name and password are basic, an access token is bearer.
enum class auth_scheme { by_credentials, none, api_key, basic, bearer };

/// What an integration says of its provider.
struct provider_rules {
  std::string base_url;
  auth_scheme scheme = auth_scheme::by_credentials;
  std::string auth_header; ///< Empty: X-Api-Key for an API key, Authorization for the others.
  std::string auth_query;  ///< The query parameter that carries an API key instead of a header.
  std::string auth_prefix; ///< Put before the key, with a blank if it ends in a letter or digit.
  header_list headers;     ///< Sent with every request.
  retry_headers retry;
  std::vector<std::string> retry_statuses;
  rate_limit rate;
};

/// What goes into a request to prove who asks. Secret: it never reaches a log or an error.
struct request_auth {
  header_list headers;
  header_list query;
};

/// Reads an integration's settings (the JSON text of an object, or empty) over the defaults of its
/// provider. Fails with `invalid` and the name of the field that is wrong.
expected<provider_rules> read_provider_rules(const std::string& provider,
                                             const std::string& settings);

/// Turns a connection's credentials (JSON) into what a request must carry. Fails with `invalid` if
/// they lack what the scheme needs; the error tells no value.
expected<request_auth> make_auth(const provider_rules& rules, const std::string& credentials);

/// True if the texts may stand in a request as a header: a proper name, and a value without line
/// ends that could smuggle in another.
bool is_sendable_header(std::string_view name, std::string_view value);

} // namespace varia
