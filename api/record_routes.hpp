#pragma once

#include "api/call.hpp"

#include <vector>

namespace varia {

/// Reading of records (contract 1.13).
std::vector<route> record_routes(const api_context& api);

} // namespace varia
