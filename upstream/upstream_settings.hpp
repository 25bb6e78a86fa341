#pragma once

#include "config/settings.hpp"
#include "upstream/upstream.hpp"

namespace varia {

/// Returns what the settings say of the way out to providers. Fails with `invalid` and the name of
/// the setting that is wrong.
expected<upstream_config> upstream_config_of(const settings& x);

} // namespace varia
