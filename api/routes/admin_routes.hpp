#pragma once

#include "api/call.hpp"

#include <vector>

namespace varia {

/// Health, and what operators ask: our own routes under /varia.
std::vector<route> admin_routes(const api_context& api);

} // namespace varia
