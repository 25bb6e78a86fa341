#pragma once

#include "api/call.hpp"

#include <vector>

namespace varia {

/// Requests to providers with the credentials of a connection (contract 1.21): any method and any
/// path under /proxy.
std::vector<route> proxy_routes(const api_context& api);

} // namespace varia
