#pragma once

#include "core/time.hpp"
#include "store/connections.hpp"

#include <string>

namespace varia {

/// Renders a connection as scripts see it: the answer of GET /connections/{id} with credentials.
/// The text is secret; it goes to the script and nowhere else.
std::string connection_view(const connection& x, time_ms now);

} // namespace varia
