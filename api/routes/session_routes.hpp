#pragma once

#include "api/call.hpp"

namespace varia {

/// Sign-in and sign-out of browsers, and what they may know of their session.
std::vector<route> session_routes(const api_context& api);

} // namespace varia
