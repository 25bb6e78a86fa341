#pragma once

#include "api/call.hpp"

#include <vector>

namespace varia {

/// The routes that list the variants of one sync, change their settings, and say how many of them
/// there may be. They are ours: the contract has none.
std::vector<route> variant_list_routes(const api_context& api);

} // namespace varia
