#pragma once

#include "api/call.hpp"

#include <vector>

namespace varia {

/// The rules by which integrations take webhooks of their providers.
std::vector<route> incoming_rule_routes(const api_context& api);

} // namespace varia
