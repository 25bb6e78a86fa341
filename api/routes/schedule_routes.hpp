#pragma once

#include "api/call.hpp"

#include <vector>

namespace varia {

/// The schedules of single variants: reading, setting and previewing them, and cancelling what they
/// run.
std::vector<route> schedule_routes(const api_context& api);

} // namespace varia
