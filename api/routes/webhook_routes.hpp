#pragma once

#include "api/call.hpp"

#include <vector>

namespace varia {

/// What applications settle of the webhooks that they get, and what became of them: settings,
/// signing key, dead letters, deliveries.
std::vector<route> webhook_routes(const api_context& api);

/// A URL that applications may be told at: http or https, not at the service whose contract this
/// is; or an empty text.
schema webhook_url();

} // namespace varia
