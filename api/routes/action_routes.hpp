#pragma once

#include "api/call.hpp"

#include <vector>

namespace varia {

/// POST /action/trigger and GET /action/{id}, as contract 1.23 has them, and what operators see of
/// calls under /varia/actions.
std::vector<route> action_routes(const api_context& api);

} // namespace varia
