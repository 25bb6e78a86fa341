#pragma once

#include "api/call.hpp"

#include <vector>

namespace varia {

/// The catalogue of providers (contract 1.24).
std::vector<route> provider_routes(const api_context& api);

} // namespace varia
