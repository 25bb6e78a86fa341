#pragma once

#include "api/call.hpp"

#include <vector>

namespace varia {

/// Reading, streaming and pruning of records (contract 1.13 and 1.14).
std::vector<route> record_routes(const api_context& api);

} // namespace varia
