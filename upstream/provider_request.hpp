#pragma once

#include "core/time.hpp"
#include "upstream/retry.hpp"
#include "upstream/token_keeper.hpp"
#include "upstream/upstream.hpp"

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>

namespace varia {

/// What was done for one request to a provider, for the log of a run. No secret is in it.
struct request_trace {
  std::string method;
  std::string url;        ///< As asked for, fit for logs.
  std::string redirected; ///< Where the last redirect led; empty without.
  int status = 0;         ///< 0: there was no answer.
  std::string failure;    ///< Why there was none, such as "ETIMEDOUT".
  int64_t ms = 0;         ///< From the moment it was due until the answer.
  uint64_t bytes = 0;     ///< Of the answer's body.
  int attempt = 1;        ///< Counts from 1.
  milliseconds wait{0};   ///< Before the next attempt, if `is_repeated`.
  bool is_repeated = false;
};

/// A request as a script or a client asks for it.
struct provider_order {
  uint64_t owner = 0;
  std::string variant; ///< Whose share of the connection's budget it takes.
  std::string method;
  std::string url; ///< Absolute, or what follows the integration's base URL.
  std::string base_url_override;
  header_list headers;
  std::optional<std::string> body;
  retry_rules retry; ///< What the script asks for; the provider's part is filled in.
  bool decompresses = true;
  bool forwards_headers = false;
  milliseconds budget_wait_max = upstream_request{}.budget_wait_max;
  std::shared_ptr<budget_watch> watch; ///< Told while it waits for the budget; may be none.
};

/// On whose behalf.
struct provider_target {
  connection link;
  provider_rules rules;
};

/// Those who watch a request; any may be empty. They are called on threads of `upstream` and of the
/// keeper, and must not block.
struct request_hooks {
  std::function<bool()> is_given_up;              ///< True: repeat nothing any more.
  std::function<void(const request_trace&)> note; ///< After each attempt.
  std::function<void(const connection&)> renewed; ///< The connection has other credentials.
};

/// Makes a request with the credentials of a connection, renewed if they are about to expire or
/// were refused, and repeats it as the rules say. Calls `done` exactly once. Failures are those of
/// `upstream`, of `token_keeper`, and "invalid_request" if the integration's settings or the
/// connection do not suffice to make a request; the message says why. A wait or a request ends at
/// once when `upstream` cancels the owner.
void start_provider_request(upstream& out, token_keeper& tokens, provider_target target,
                            provider_order order, request_hooks hooks, upstream::handler done);

} // namespace varia
