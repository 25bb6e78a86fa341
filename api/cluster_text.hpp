#pragma once

#include "actors/messages.hpp"
#include "api/json.hpp"

namespace varia {

/// What an operator is shown of the workers.
json workers_text(const cluster_status& x);

} // namespace varia
