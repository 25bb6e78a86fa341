#pragma once

#include "store/runs.hpp"

#include <cstdint>

namespace varia {

/// What the last run of a variant has changed, or the one under way so far, over all models.
change_counts changes_of(const variant_state& x);

/// How many records a variant has, over all models, and how many bytes their payloads take.
int64_t records_of(const variant_state& x);
int64_t bytes_of(const variant_state& x);

} // namespace varia
