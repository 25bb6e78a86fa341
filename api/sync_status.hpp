#pragma once

#include "api/syncs.hpp"
#include "core/schedule.hpp"
#include "store/runs.hpp"

#include <string>
#include <vector>

namespace varia {

/// The word that the status route has for a variant: RUNNING, SUCCESS, ERROR, PAUSED (contract
/// 1.11).
std::string status_of(const variant_entry& entry, const variant_state& state);

/// Whether a variant was paused for failing, rather than by command.
bool is_stopped(const variant_entry& entry);

/// The word for how the last run ended or goes; empty if there was none.
std::string execution_status_of(const variant_state& state);

/// The schedule that is in effect for a variant.
schedule schedule_of(const variant_entry& entry, const function* deployed);

/// When a variant runs next by its schedule; nothing while it is paused or has none.
std::optional<time_ms> next_run_of(const variant_entry& entry, const function* deployed,
                                   time_ms now);

/// When its last run is made again, if it failed and the schedule has it so.
std::optional<time_ms> next_retry_of(const variant_entry& entry, const variant_state& state,
                                     const function* deployed);

/// One entry of the status answer. `deployed` is nullptr if the function is gone.
json status_entry(const std::string& connection_id, const variant_entry& entry,
                  const variant_state& state, const function* deployed, time_ms now);

/// The status answer for the named variants (all, if none is named) of these connections.
/// Names that do not exist are left out.
expected<json> read_statuses(redis& db, const std::string& environment,
                             const std::string& provider_config_key,
                             const std::vector<connection_number>& connections,
                             const std::vector<sync_name_pair>& names);

} // namespace varia
