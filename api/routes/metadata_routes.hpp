#pragma once

#include "api/call.hpp"

#include <vector>

namespace varia {

/// The metadata of connections (contract 1.15), and the alias /metadata, which finds the
/// integration by itself as long as only one has a connection of that id.
std::vector<route> metadata_routes(const api_context& api);

} // namespace varia
