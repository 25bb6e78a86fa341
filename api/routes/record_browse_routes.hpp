#pragma once

#include "api/call.hpp"

namespace varia {

/// Records for people who look at them: the newest changes first, and how many there are.
std::vector<route> record_browse_routes(const api_context& api);

} // namespace varia
