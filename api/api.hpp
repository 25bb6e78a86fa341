#pragma once

#include "api/call.hpp"
#include "api/http.hpp"

#include <functional>
#include <vector>

namespace varia {

/// Every route of the API, in the order in which they are tried.
std::vector<route> all_routes(const api_context& api);

/// The whole API as one function: finds the route, checks the content type and the API key, and
/// answers. Blocks while it asks Redis or the leader; any number of threads may call it.
std::function<http_response(http_request)> make_handler(const api_context& api);

} // namespace varia
