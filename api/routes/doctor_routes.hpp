#pragma once

#include "api/call.hpp"

#include <vector>

namespace varia {

/// The routes that tell operators how an installation is and how it is set.
std::vector<route> doctor_routes(const api_context& api);

} // namespace varia
