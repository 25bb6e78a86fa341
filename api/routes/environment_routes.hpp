#pragma once

#include "api/call.hpp"

#include <vector>

namespace varia {

/// The variables of an environment: read as in contract 1.19, changed by routes of our own.
std::vector<route> environment_routes(const api_context& api);

} // namespace varia
