#pragma once

#include "api/call.hpp"

#include <vector>

namespace varia {

/// The routes about environments, the keys that open them, and who changed what.
std::vector<route> account_routes(const api_context& api);

} // namespace varia
