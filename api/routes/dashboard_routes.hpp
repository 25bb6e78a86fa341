#pragma once

#include "api/call.hpp"

namespace varia {

/// The pages of the dashboard, which are part of the program. Anybody may have them: they know
/// nothing until somebody signs in.
std::vector<route> dashboard_routes(const api_context& api);

} // namespace varia
