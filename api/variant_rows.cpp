#include "api/variant_rows.hpp"

#include "api/connection_text.hpp"
#include "api/progress_text.hpp"
#include "api/sync_status.hpp"
#include "api/variant_sums.hpp"

#include <algorithm>

namespace varia {

namespace {

json moment_or_null(time_ms at) {
  return at > 0 ? json(to_iso_z(at)) : json(nullptr);
}

json text_or_null(const std::string& text) {
  return text.empty() ? json(nullptr) : json(text);
}

json last_run_text(const variant_state& x) {
  if (!x.last_outcome)
    return nullptr;
  auto sum = changes_of(x);
  auto is_over = x.finished_at > 0;
  return {{"outcome", to_string(*x.last_outcome)},
          {"started_at", moment_or_null(x.started_at)},
          {"duration_ms", is_over ? json(x.finished_at - x.started_at) : json(nullptr)},
          {"added", sum.added},
          {"updated", sum.updated},
          {"deleted", sum.deleted}};
}

json recent_text(const variant_state& x, size_t count) {
  auto result = json::array();
  auto& runs = x.recent;
  for (auto i = runs.size() - std::min(count, runs.size()); i < runs.size(); ++i)
    result.push_back({{"outcome", to_string(runs[i].outcome)},
                      {"duration_ms", runs[i].took.count()},
                      {"saved", runs[i].changed}});
  return result;
}

bool is_looked_at(const connection& x, const survey_query& query) {
  return (query.connection_id.empty() || query.connection_id == x.connection_id)
         && (query.provider_config_key.empty()
             || query.provider_config_key == x.provider_config_key);
}

expected<std::vector<connection>> connections_of(redis& db, const survey_query& query) {
  if (query.connection_id.empty() || query.provider_config_key.empty())
    return connections{db}.list(query.environment);
  auto one
    = connections{db}.find(query.environment, query.provider_config_key, query.connection_id);
  if (!one)
    return std::move(one.error());
  return *one ? std::vector{std::move(**one)} : std::vector<connection>{};
}

} // namespace

const connection* variant_survey::owner_of(const variant_entry& x) const {
  auto found = by_number.find(x.key.sync.connection);
  return found == by_number.end() ? nullptr : &connections[found->second];
}

const function* variant_survey::function_of(const variant_entry& x) const {
  auto owner = owner_of(x);
  auto is_it = [&](auto& f) {
    return owner != nullptr && f.name == x.key.sync.name
           && f.provider_config_key == owner->provider_config_key;
  };
  auto found = std::find_if(deployed.begin(), deployed.end(), is_it);
  return found == deployed.end() ? nullptr : &*found;
}

expected<variant_survey> survey_variants(redis& db, const survey_query& query) {
  auto all = connections_of(db, query);
  if (!all)
    return std::move(all.error());
  auto deployed = functions{db}.list(query.environment);
  if (!deployed)
    return std::move(deployed.error());
  variant_survey result;
  result.deployed = std::move(*deployed);
  census_query wanted;
  wanted.sync = query.sync;
  for (auto& each : *all)
    if (is_looked_at(each, query)) {
      wanted.connections.push_back(each.number);
      result.by_number.emplace(each.number, result.connections.size());
      result.connections.push_back(std::move(each));
    }
  auto census = count_variants(db, wanted);
  if (!census)
    return std::move(census.error());
  result.census = std::move(*census);
  return result;
}

json variant_row_text(const variant_survey& all, const counted_variant& x, time_ms now,
                      size_t recent) {
  auto& [entry, state] = x;
  auto owner = all.owner_of(entry);
  auto deployed = all.function_of(entry);
  auto next = next_run_of(entry, deployed, now);
  auto next_run = next ? json(to_iso_z(*next)) : json(nullptr);
  json result{
    {"connection_id", owner == nullptr ? std::string{} : owner->connection_id},
    {"provider_config_key", owner == nullptr ? std::string{} : owner->provider_config_key},
    {"sync", entry.key.sync.name},
    {"name", entry.key.sync.name},
    {"variant", entry.key.name},
    {"id", entry.id},
    {"status", status_of(entry, state)},
    {"paused", entry.paused},
    {"frequency", frequency_of(entry, deployed)},
    {"pause_reason", text_or_null(entry.pause_reason)},
    {"failures_in_a_row", state.fails},
    {"worker", text_or_null(state.placement.worker)},
    {"next_run", next_run},
    {"next_run_at", next_run},
    {"records", records_of(state)},
    {"bytes", bytes_of(state)},
    {"last_outcome", state.last_outcome ? json(to_string(*state.last_outcome)) : json(nullptr)},
    {"last_error", stored_json(state.error, nullptr)},
    {"last_run", last_run_text(state)},
    {"run", state.run},
    {"started_at", moment_or_null(state.started_at)},
    {"finished_at", moment_or_null(state.finished_at)},
    {"progress", progress_text(state, now)}};
  if (recent > 0)
    result["recent"] = recent_text(state, recent);
  return result;
}

} // namespace varia
