#pragma once

#include "api/call.hpp"

#include <vector>

namespace varia {

/// The routes about the variants of one sync as a set: list, create and delete many, and the set
/// that is desired. They are ours: the contract has none.
std::vector<route> variant_set_routes(const api_context& api);

} // namespace varia
