#pragma once

#include "api/http.hpp"
#include "store/run_logs.hpp"
#include "store/runs.hpp"

namespace varia {

/// One entry of a variant's history: what happened, when, and why in words.
json run_text(const run_entry& x);

/// One line of the log of a run.
json line_text(const stored_line& x);

} // namespace varia
