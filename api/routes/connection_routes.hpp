#pragma once

#include "api/call.hpp"
#include "store/connections.hpp"

#include <vector>

namespace varia {

/// Import, list, read, change and removal of connections (contract 1.16), under /connections and
/// the older /connection.
std::vector<route> connection_routes(const api_context& api);

/// Removes a connection with all its variants, and ends what waits for it.
expected<void> remove_connection(redis& db, const api_context& api, connection_number number);

} // namespace varia
