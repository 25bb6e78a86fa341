#pragma once

#include "api/call.hpp"

#include <vector>

namespace varia {

/// Trigger, pause, start, status and frequency (contract 1.9 to 1.12).
std::vector<route> sync_routes(const api_context& api);

} // namespace varia
