#pragma once

#include "api/call.hpp"

#include <vector>

namespace varia {

/// At which level processes log, while they run.
std::vector<route> log_level_routes(const api_context& api);

} // namespace varia
