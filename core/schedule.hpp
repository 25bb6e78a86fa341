#pragma once

#include "core/time.hpp"

#include <optional>
#include <string>

namespace varia {

/// When a variant is due: at `anchor` plus whole numbers of periods, shifted by its own jitter.
struct schedule {
  time_ms anchor = 0;     ///< When the variant was created.
  milliseconds period{0}; ///< 0 means: only when triggered.
  milliseconds jitter{0}; ///< The share of `spread_of` that this variant waits.
};

/// Returns how far a variant's grid is moved so that variants made in a loop do not fire together:
/// the same for one id always, below a tenth of the period and below five minutes.
milliseconds jitter_of(const std::string& variant_id, milliseconds period);

/// Returns the slot a variant should run next, given the slot it ran last: right away at its anchor
/// if it never ran, otherwise the latest slot that has passed, since missed slots count as one, or
/// the first to come. The result may lie in the past. Nothing without a period.
std::optional<time_ms> next_slot(const schedule& plan, std::optional<time_ms> last, time_ms now);

/// Returns the first slot after `now`: what a started variant shows as its next run.
std::optional<time_ms> slot_after(const schedule& plan, time_ms now);

} // namespace varia
