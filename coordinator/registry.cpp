#include "coordinator/registry.hpp"

namespace varia {

expected<void> registry::may_add(const variant_key& key) const {
  auto found = syncs_.find(key.sync);
  if (found == syncs_.end())
    return caf::unit;
  auto& names = found->second;
  auto named = names.size() - names.count(base_variant);
  if (key.name != base_variant && named >= named_max_)
    return fail(errc::full, std::to_string(named_max_));
  if (names.count(key.name) > 0)
    return fail(errc::exists, to_string(key));
  return caf::unit;
}

void registry::put(variant_row row) {
  auto& id = syncs_[row.entry.key.sync][row.entry.key.name];
  if (!id.empty() && id != row.entry.id)
    rows_.erase(id);
  id = row.entry.id;
  rows_[id] = std::move(row);
}

void registry::update(const variant_entry& entry, uint64_t period_ms) {
  if (auto* row = find(entry.id)) {
    row->entry = entry;
    row->period_ms = period_ms;
  }
}

void registry::erase(const std::string& id) {
  auto found = rows_.find(id);
  if (found == rows_.end())
    return;
  auto& key = found->second.entry.key;
  if (auto sync = syncs_.find(key.sync); sync != syncs_.end()) {
    sync->second.erase(key.name);
    if (sync->second.empty())
      syncs_.erase(sync);
  }
  rows_.erase(found);
}

variant_row* registry::find(const std::string& id) {
  auto found = rows_.find(id);
  return found == rows_.end() ? nullptr : &found->second;
}

variant_row* registry::find(const variant_key& key) {
  auto sync = syncs_.find(key.sync);
  if (sync == syncs_.end())
    return nullptr;
  auto name = sync->second.find(key.name);
  return name == sync->second.end() ? nullptr : find(name->second);
}

std::vector<std::string> registry::ids_of(const sync_id& sync) const {
  std::vector<std::string> result;
  if (auto found = syncs_.find(sync); found != syncs_.end())
    for (auto& [name, id] : found->second)
      result.push_back(id);
  return result;
}

std::vector<sync_id> registry::syncs_of(connection_number connection) const {
  std::vector<sync_id> result;
  for (auto at = syncs_.lower_bound({connection, {}});
       at != syncs_.end() && at->first.connection == connection; ++at)
    result.push_back(at->first);
  return result;
}

std::vector<std::string> registry::owned_by(const std::string& worker) const {
  std::vector<std::string> result;
  for (auto& [id, row] : rows_)
    if (row.placement.worker == worker)
      result.push_back(id);
  return result;
}

assignment assignment_of(const variant_row& row) {
  return {row.entry.key,    row.entry.id,         row.placement.owner,
          row.entry.paused, row.entry.created_at, row.period_ms};
}

} // namespace varia
