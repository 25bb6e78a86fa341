#pragma once

#include "api/call.hpp"

#include <vector>

namespace varia {

/// Deployment of functions, its preview, and what is deployed (contract 1.18 and 1.22).
std::vector<route> deploy_routes(const api_context& api);

} // namespace varia
