#include "api/sync_status.hpp"

#include "store/connections.hpp"

#include <algorithm>

namespace varia {

namespace {

json result_of(const variant_state& state, const function* deployed) {
  auto counts = state.result;
  if (state.last_outcome == run_outcome::success && deployed != nullptr)
    for (auto& model : deployed->models)
      counts.try_emplace(model);
  auto result = json::object();
  for (auto& [model, x] : counts)
    result[model] = {{"added", x.added}, {"deleted", x.deleted}, {"updated", x.updated}};
  return result;
}

json record_counts_of(const variant_state& state, const function* deployed) {
  auto result = json::object();
  if (deployed == nullptr)
    return state.record_count;
  for (auto& model : deployed->models) {
    auto found = state.record_count.find(model);
    result[model] = found == state.record_count.end() ? 0 : found->second;
  }
  return result;
}

json checkpoint_of(const variant_state& state) {
  auto value = json::parse(state.checkpoint, nullptr, false);
  return value.is_object() ? value : json(nullptr);
}

// A full sync starts anew each time; an incremental one does so until it has succeeded once. A run
// that succeeded is itself the last one that did, so only its number tells whether it was the
// first.
bool is_incremental(const variant_state& state, const function* deployed) {
  return deployed != nullptr && deployed->sync_type == "incremental" && state.last_sync
         && (*state.last_sync < state.started_at || state.run > 1);
}

} // namespace

std::string execution_status_of(const variant_state& state) {
  if (!state.last_outcome)
    return {};
  switch (*state.last_outcome) {
    case run_outcome::running:
    case run_outcome::interrupted: return "RUNNING";
    case run_outcome::success: return "SUCCESS";
    case run_outcome::failed:
    case run_outcome::cancelled: return "STOPPED";
  }
  return {};
}

std::string status_of(const variant_entry& entry, const variant_state& state) {
  auto last = execution_status_of(state);
  if (last == "RUNNING")
    return last;
  if (entry.paused)
    return "PAUSED";
  return last == "STOPPED" ? "ERROR" : "SUCCESS";
}

bool is_stopped(const variant_entry& entry) {
  return entry.paused && !entry.pause_reason.empty() && entry.pause_reason != not_started;
}

schedule schedule_of(const variant_entry& entry, const function* deployed) {
  auto due = in_effect(entry, deployed == nullptr ? timing{} : timing_of(*deployed));
  return make_schedule(entry.id, entry.created_at, milliseconds{due.period_ms}, due.since,
                       share_rulebook(due.rules));
}

std::optional<time_ms> next_run_of(const variant_entry& entry, const function* deployed,
                                   time_ms now) {
  if (entry.paused)
    return std::nullopt;
  auto next = preview(schedule_of(entry, deployed), now, now, 1);
  return next.empty() ? std::nullopt : std::optional{next.front().at};
}

std::optional<time_ms> next_retry_of(const variant_entry& entry, const variant_state& state,
                                     const function* deployed) {
  auto failed = failing_of(state);
  if (entry.paused || failed.failed_at < 0)
    return std::nullopt;
  return retry_at(schedule_of(entry, deployed), entry.id, failed.failed_at, failed.retries);
}

json status_entry(const std::string& connection_id, const variant_entry& entry,
                  const variant_state& state, const function* deployed, time_ms now) {
  auto next = next_run_of(entry, deployed, now);
  json result{{"id", entry.id},
              {"connection_id", connection_id},
              {"type", is_incremental(state, deployed) ? "INCREMENTAL" : "INITIAL"}};
  if (state.last_outcome && !is_open(state) && state.finished_at > 0)
    result["finishedAt"] = to_iso_z(state.finished_at);
  result["nextScheduledSyncAt"] = next ? json(to_iso_z(*next)) : json(nullptr);
  result["name"] = entry.key.sync.name;
  result["variant"] = entry.key.name;
  result["status"] = status_of(entry, state);
  result["frequency"] = frequency_of(entry, deployed);
  if (state.last_outcome) {
    result["latestResult"] = result_of(state, deployed);
    result["latestExecutionStatus"] = execution_status_of(state);
  }
  if (is_stopped(entry))
    result["pauseReason"] = entry.pause_reason;
  if (auto retry = next_retry_of(entry, state, deployed))
    result["retryAt"] = to_iso_z(*retry);
  result["recordCount"] = record_counts_of(state, deployed);
  result["checkpoint"] = checkpoint_of(state);
  return result;
}

expected<json> read_statuses(redis& db, const std::string& environment,
                             const std::string& provider_config_key,
                             const std::vector<connection_number>& numbers,
                             const std::vector<sync_name_pair>& names) {
  auto deployed = functions{db}.list(environment, provider_config_key);
  if (!deployed)
    return std::move(deployed.error());
  auto result = json::array();
  for (auto number : numbers) {
    auto found = find_variants(db, number, names);
    if (!found)
      return std::move(found.error());
    if (found->entries.empty())
      continue;
    auto owner = connections{db}.find(number);
    if (!owner)
      return std::move(owner.error());
    std::vector<variant_ref> refs;
    for (auto& entry : found->entries)
      refs.push_back(ref_of(entry));
    auto states = runs{db}.states(refs);
    if (!states)
      return std::move(states.error());
    auto now = now_ms();
    for (size_t i = 0; *owner && i < refs.size(); ++i) {
      auto& entry = found->entries[i];
      result.push_back(status_entry((*owner)->connection_id, entry, (*states)[i],
                                    find_function(*deployed, entry.key.sync.name), now));
    }
  }
  return result;
}

} // namespace varia
