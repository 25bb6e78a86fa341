#pragma once

#include "api/call.hpp"

#include <vector>

namespace varia {

/// The routes with which operators manage environments and keys by name, and read the audit stream.
std::vector<route> operator_routes(const api_context& api);

} // namespace varia
