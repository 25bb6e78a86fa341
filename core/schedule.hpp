#pragma once

#include "core/rulebook.hpp"
#include "core/time.hpp"

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace varia {

/// When a variant is due: at `anchor` plus whole numbers of periods, or at the moments of the cron
/// text of its rules; in both cases shifted by its own jitter.
struct schedule {
  time_ms anchor = 0;     ///< When the variant was created.
  milliseconds period{0}; ///< 0 means: by the cron text, or only when triggered.
  milliseconds jitter{0}; ///< The share of `spread_of` that this variant waits.
  time_ms since = 0;      ///< What was due before does not count as missed.
  std::shared_ptr<const rulebook> rules = nullptr; ///< nullptr: those of the contract.
};

/// Builds the schedule of the variant of this id, with the jitter that the rules give it.
schedule make_schedule(const std::string& variant_id, time_ms anchor, milliseconds period,
                       time_ms since, std::shared_ptr<const rulebook> rules);

/// Returns how far a variant's grid is moved so that variants made in a loop do not fire together:
/// the same for one id always, below a tenth of the period and below five minutes.
milliseconds jitter_of(const std::string& variant_id, milliseconds period);

/// Returns the slot a variant should run next, given the slot it ran last: right away at its anchor
/// if it never ran and has a period, otherwise the latest slot that has passed, since missed slots
/// count as one, or the first to come. The result may lie in the past. Nothing if it is never due.
std::optional<time_ms> next_slot(const schedule& plan, std::optional<time_ms> last, time_ms now);

/// Returns the first slot after `now`: what a started variant shows as its next run.
std::optional<time_ms> slot_after(const schedule& plan, time_ms now);

/// Counts the slots after the last one that ran and before another; a thousand at most.
uint32_t slots_between(const schedule& plan, std::optional<time_ms> last, time_ms before);

/// Says whether a slot that has passed is too late to be made up for.
bool is_too_late(const schedule& plan, time_ms slot, time_ms now);

/// When the blackout ends that this moment lies in; nothing if it lies in none.
std::optional<time_ms> blackout_end(const schedule& plan, time_ms at);

/// A run to come.
struct planned_run {
  time_ms at = 0;   ///< When it begins.
  time_ms slot = 0; ///< For which slot: an earlier one if that lies in a blackout.
};

/// Returns the next runs, if each ends before the next is due: those that lie after `now`, or are
/// late then.
std::vector<planned_run> preview(const schedule& plan, std::optional<time_ms> last, time_ms now,
                                 size_t count);

/// When a run is made again that failed at a moment, after so many retries before; nothing if the
/// rules have no more of them. A little later for some variants than for others.
std::optional<time_ms> retry_at(const schedule& plan, const std::string& variant_id,
                                time_ms failed_at, uint32_t retries);

/// Whether a variant that has failed so often in a row is to be paused.
bool is_to_stop(const schedule& plan, uint32_t failures);

} // namespace varia
