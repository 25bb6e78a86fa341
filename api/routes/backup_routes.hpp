#pragma once

#include "api/call.hpp"

#include <vector>

namespace varia {

/// The routes that copy an environment out, and into an empty one.
std::vector<route> backup_routes(const api_context& api);

} // namespace varia
