#pragma once

#include "api/call.hpp"

namespace varia {

/// How an environment and its cluster are doing, at a glance.
std::vector<route> overview_routes(const api_context& api);

} // namespace varia
