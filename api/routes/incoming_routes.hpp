#pragma once

#include "api/call.hpp"

#include <vector>

namespace varia {

/// Webhooks that providers send (contract 1.20 and 7.7), and the rules by which an integration
/// takes them.
std::vector<route> incoming_routes(const api_context& api);

} // namespace varia
