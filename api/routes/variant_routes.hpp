#pragma once

#include "api/call.hpp"

#include <vector>

namespace varia {

/// Creation and deletion of variants (contract 1.7 and 1.8).
std::vector<route> variant_routes(const api_context& api);

} // namespace varia
