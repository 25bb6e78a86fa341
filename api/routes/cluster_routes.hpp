#pragma once

#include "api/call.hpp"

#include <vector>

namespace varia {

/// The routes by which operators look at the cluster and say what its processes shall do.
std::vector<route> cluster_routes(const api_context& api);

} // namespace varia
