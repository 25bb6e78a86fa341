#pragma once

#include "api/call.hpp"

#include <vector>

namespace varia {

/// What is deployed (contract 1.17 and 1.18), former versions, and the way back to them.
std::vector<route> function_routes(const api_context& api);

} // namespace varia
