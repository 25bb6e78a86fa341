#pragma once

#include "config/settings.hpp"
#include "core/error.hpp"

namespace varia {

/// Finds out whether anybody listens at an address: opens a connection and closes it again.
/// Returns the same address with the number that answered in place of a name, since a name may
/// have several. Each number gets `limit` to answer. Fails with `unavailable` in words. Blocks,
/// also for as long as the system takes to resolve the name.
expected<endpoint> reach(const endpoint& where, milliseconds limit);

} // namespace varia
