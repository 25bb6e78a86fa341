#pragma once

#include "api/http.hpp"
#include "store/runs.hpp"

namespace varia {

/// One entry of a variant's history: what happened, when, and why in words.
json run_text(const run_entry& x);

} // namespace varia
