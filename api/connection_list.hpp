#pragma once

#include "api/call.hpp"

namespace varia {

/// Answers with the connections of the environment that the query asks for, newest first.
expected<http_response> list_connections(api_call& x);

/// What the route of it says of itself.
route_facts list_connections_facts();

} // namespace varia
