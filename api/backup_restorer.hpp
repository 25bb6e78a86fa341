#pragma once

#include "api/call.hpp"

#include <string>

namespace varia {

/// Writes the items of a backup into an environment, in their order. The same items may be written
/// again. Fails with `invalid` for an item that is broken or that rests on one which is not there,
/// and with what the store or the leader says.
expected<void> restore_items(const api_context& api, redis& db, const std::string& environment,
                             const json& items);

} // namespace varia
