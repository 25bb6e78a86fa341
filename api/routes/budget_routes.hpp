#pragma once

#include "api/call.hpp"

#include <vector>

namespace varia {

/// What connections have left of their providers' rates: a route of our own, under /varia.
std::vector<route> budget_routes(const api_context& api);

} // namespace varia
