#pragma once

#include "api/call.hpp"

#include <vector>

namespace varia {

/// How far the variants of a sync hold the same records: a route of our own, under /varia.
std::vector<route> overlap_routes(const api_context& api);

} // namespace varia
