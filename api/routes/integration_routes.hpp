#pragma once

#include "api/call.hpp"

#include <vector>

namespace varia {

/// Creation, reading, change and removal of integrations (contract 1.17).
std::vector<route> integration_routes(const api_context& api);

} // namespace varia
