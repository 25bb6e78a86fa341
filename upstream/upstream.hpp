#pragma once

#include "core/time.hpp"
#include "upstream/auth.hpp"
#include "upstream/budget_watch.hpp"
#include "upstream/egress_policy.hpp"
#include "upstream/rate_limit.hpp"
#include "upstream/request_budget.hpp"
#include "upstream/retry.hpp"

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>

namespace varia {

struct upstream_config {
  milliseconds timeout{60000}; ///< For one exchange, redirects apart.
  uint32_t connections_per_host = 16;
  uint64_t response_bytes_max = 32 * 1024 * 1024; ///< After decompression.
  egress_policy egress;
  /// Empty, or an origin that every request goes to, whatever its URL says: path and query are
  /// kept, and the headers X-Forwarded-Host and X-Forwarded-Proto tell where it would have gone.
  /// The egress policy has no say about this origin.
  std::string origin_override;
  std::string user_agent; ///< Empty for our own.
};

/// One request to a provider.
struct upstream_request {
  uint64_t owner = 0; ///< Whose it is, for `cancel`.
  std::string method;
  std::string url;     ///< Absolute, http or https.
  header_list headers; ///< Win over those of `auth` that have the same name.
  request_auth auth;   ///< For the origin of `url` only: a redirect elsewhere goes without.
  std::optional<std::string> body;
  milliseconds delay{0};    ///< Waited before the request is sent.
  milliseconds timeout{0};  ///< For one exchange if it is to be shorter than the configured one.
  bool decompresses = true; ///< False: the body is left as it comes.
  /// True: a redirect to another origin takes all headers along, as long as it is no step from
  /// https to http.
  bool forwards_headers = false;
  std::string rate_key;     ///< The number of the connection whose budget it needs; empty: none.
  std::string rate_variant; ///< Whose share of that budget it takes.
  rate_limit rate;
  milliseconds budget_wait_max{2 * 3600 * 1000}; ///< For the budget; then `ERR_BUDGET_TIMEOUT`.
  std::shared_ptr<budget_watch> watch; ///< Told while the request waits for it; may be none.
};

/// What came back: an answer of any status, or the reason why there is none.
struct upstream_result {
  std::string failure; ///< A short code such as "ETIMEDOUT"; empty if there is an answer.
  std::string message; ///< The failure in words, without URL and without secrets.
  int status = 0;
  header_list headers; ///< Names in lower case; repeated ones joined with commas.
  std::string body;
  std::string url; ///< Of the last redirect, without what `auth` added.
};

/// The way out to providers: HTTP over pooled connections on a thread of its own. Takes no proxy
/// from the environment, speaks http and https only, follows at most five redirects, and opens no
/// socket that the egress policy does not admit (failure ERR_EGRESS_REFUSED). Thread-safe.
class upstream {
public:
  using handler = std::function<void(upstream_result)>;

  /// Requests wait for their share of `budget`; without one, they go at once.
  explicit upstream(const upstream_config& config, std::shared_ptr<request_budget> budget = {});

  ~upstream();

  upstream(const upstream&) = delete;
  upstream& operator=(const upstream&) = delete;

  /// Sends a request. `done` is called exactly once, on the upstream thread; it must not block.
  void send(upstream_request request, handler done);

  /// Has all requests that share a budget wait, because the provider asked for it. Those that are
  /// on their way are not held back.
  void pause(const std::string& rate_key, milliseconds wait, const std::string& why);

  /// Fails all requests of an owner with the code "cancelled", those that wait at once.
  void cancel(uint64_t owner);

  /// Fails what is under way and all that comes later with the code "cancelled", and ends the
  /// thread. Also done by the destructor.
  void stop();

private:
  struct state;
  std::unique_ptr<state> state_;
};

} // namespace varia
