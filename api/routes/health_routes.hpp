#pragma once

#include "api/call.hpp"

#include <vector>

namespace varia {

/// What those ask who keep the process running and those who measure it: /livez, /readyz, /startupz
/// and /metrics.
std::vector<route> health_routes(const api_context& api);

} // namespace varia
