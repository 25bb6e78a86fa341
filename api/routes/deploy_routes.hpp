#pragma once

#include "api/call.hpp"
#include "store/functions.hpp"

#include <functional>
#include <vector>

namespace varia {

/// Does something that no two callers in the cluster may do to one environment at once; the second
/// is refused with 409. A process that dies meanwhile keeps others out for ten minutes.
expected<http_response> alone(api_call& x, const std::function<expected<http_response>()>& action);

/// Makes these the current versions and gives all connections their base variants. What they
/// replace, as it stands in `before`, can be had back. To be called `alone`.
expected<std::vector<function>> make_current(api_call& x, const std::vector<function>& before,
                                             std::vector<function> wanted);

/// Removes a function, and with a sync its variants on all connections. To be called `alone`.
expected<void> remove_function(api_call& x, const function& old);

/// Deployment of functions and its preview (contract 1.22).
std::vector<route> deploy_routes(const api_context& api);

} // namespace varia
