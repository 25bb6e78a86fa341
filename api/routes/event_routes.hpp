#pragma once

#include "api/call.hpp"

#include <vector>

namespace varia {

/// Events for the base variants of a connection, which their scripts handle in `onWebhook`: a route
/// of our own, under /varia, for applications that receive a provider's webhooks themselves.
std::vector<route> event_routes(const api_context& api);

} // namespace varia
