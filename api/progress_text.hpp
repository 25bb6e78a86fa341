#pragma once

#include "api/json.hpp"
#include "core/time.hpp"
#include "store/runs.hpp"

namespace varia {

/// How far the run of a variant has come, and where its time goes; null unless one is in progress.
json progress_text(const variant_state& x, time_ms now);

} // namespace varia
