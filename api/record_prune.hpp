#pragma once

#include "api/call.hpp"

namespace varia {

/// Pruning of records by cursor (contract 1.14).
expected<http_response> prune_records(api_call& x);

} // namespace varia
