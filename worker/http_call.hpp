#pragma once

#include "upstream/auth.hpp"
#include "upstream/retry.hpp"
#include "upstream/upstream.hpp"
#include "worker/call_host.hpp"

#include <cstdint>
#include <functional>
#include <memory>
#include <string>

namespace varia {

/// What one `http` call of a script needs.
struct http_plan {
  uint32_t run = 0;
  int64_t seq = 0;
  upstream_request request;
  retry_rules retry;
  /// Reads the credentials again after a 401, on the run's strand.
  std::function<expected<request_auth>()> renew_auth;
};

/// Makes the request, repeats it as the rules say, and answers the call exactly once. Waits and
/// requests end at once when upstream cancels their owner.
void start_http_call(std::shared_ptr<call_host> host, upstream& out, http_plan plan);

/// Builds the ERROR that refuses a call.
std::string make_error_frame(uint32_t run, int64_t seq, const std::string& type,
                             const std::string& message, const std::string& code = {});

} // namespace varia
