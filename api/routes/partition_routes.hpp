#pragma once

#include "api/call.hpp"

#include <vector>

namespace varia {

/// The routes that show what a function told of its partitions, and have it asked now.
std::vector<route> partition_routes(const api_context& api);

} // namespace varia
