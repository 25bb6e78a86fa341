#pragma once

#include "api/call.hpp"

#include <vector>

namespace varia {

/// The routes by which operators see and set checkpoints.
std::vector<route> checkpoint_routes(const api_context& api);

} // namespace varia
