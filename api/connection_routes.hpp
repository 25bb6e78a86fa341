#pragma once

#include "api/call.hpp"
#include "store/connections.hpp"

#include <vector>

namespace varia {

/// Import, list, read, change and removal of connections (contract 1.16), under /connections and
/// the older /connection.
std::vector<route> connection_routes(const api_context& api);

/// Removes a connection with all its variants.
expected<void> remove_connection(api_call& x, connection_number number);

} // namespace varia
