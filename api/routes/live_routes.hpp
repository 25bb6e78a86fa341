#pragma once

#include "api/call.hpp"

namespace varia {

/// What pages watch, as Server-Sent Events.
std::vector<route> live_routes(const api_context& api);

} // namespace varia
