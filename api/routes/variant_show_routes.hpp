#pragma once

#include "api/call.hpp"

#include <vector>

namespace varia {

/// The routes that tell all about one variant: what it is and has, and why it runs or does not.
std::vector<route> variant_show_routes(const api_context& api);

} // namespace varia
