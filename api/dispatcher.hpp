#pragma once

#include "api/auth.hpp"
#include "api/http.hpp"
#include "api/rate_limiter.hpp"

#include <memory>
#include <vector>

namespace varia {

struct api_context;

/// Leads a request to its route: answers preflights, and checks the content type, the API key, its
/// scopes and the rate of calls before the route sees anything. Any number of threads may call it.
class dispatcher {
public:
  dispatcher(const api_context& api, std::vector<route> routes);

  http_response answer(http_request& request);

private:
  http_response answer(const route& to, http_request& request);
  http_response answer_openly(const route& to, const http_request& request);
  std::optional<http_response> refuse_caller(const route& to, http_request& request,
                                             http_response& limits);
  std::optional<http_response> refuse_rate(const http_request& request, const std::string& bucket,
                                           uint64_t points, http_response& limits);

  std::vector<route> routes_;
  std::shared_ptr<authenticator> keys_;
  std::unique_ptr<rate_limiter> limiter_; ///< nullptr: any number of calls.
};

} // namespace varia
