#include "coordinator/registry.hpp"

#include <algorithm>
#include <utility>

namespace varia {

void registry::put(variant_row row) {
  if (auto* old = find(row.entry.key))
    erase(std::string{old->entry.id});
  auto id = row.entry.id;
  auto owner = std::exchange(row.placement, {});
  syncs_[row.entry.key.sync][row.entry.key.name] = id;
  if (auto same = rows_.find(id); same != rows_.end() && same->second.entry.paused)
    --paused_;
  paused_ += row.entry.paused ? 1 : 0;
  rows_[id] = std::move(row);
  place(id, std::move(owner));
}

void registry::update(const variant_entry& entry, timing due) {
  if (auto found = rows_.find(entry.id); found != rows_.end()) {
    paused_ -= found->second.entry.paused ? 1 : 0;
    paused_ += entry.paused ? 1 : 0;
    found->second.entry = entry;
    found->second.due = std::move(due);
  }
}

void registry::set_due(const std::string& id, timing due) {
  if (auto found = rows_.find(id); found != rows_.end())
    found->second.due = std::move(due);
}

void registry::place(const std::string& id, placement_entry placement) {
  auto found = rows_.find(id);
  if (found == rows_.end())
    return;
  auto& row = found->second;
  leave_owner(row);
  row.placement = std::move(placement);
  if (row.placement.worker.empty())
    return;
  owned_[row.placement.worker].insert(id);
  ++kin_[{row.entry.key.sync.connection, row.placement.worker}];
}

void registry::leave_owner(const variant_row& row) {
  auto owner = owned_.find(row.placement.worker);
  if (owner == owned_.end() || owner->second.erase(row.entry.id) == 0)
    return;
  if (owner->second.empty())
    owned_.erase(owner);
  auto kin = kin_.find({row.entry.key.sync.connection, row.placement.worker});
  if (--kin->second == 0)
    kin_.erase(kin);
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
  leave_owner(found->second);
  paused_ -= found->second.entry.paused ? 1 : 0;
  rows_.erase(found);
}

const variant_row* registry::find(const std::string& id) const {
  auto found = rows_.find(id);
  return found == rows_.end() ? nullptr : &found->second;
}

const variant_row* registry::find(const variant_key& key) const {
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

size_t registry::largest_sync() const {
  size_t result = 0;
  for (auto& [sync, names] : syncs_)
    result = std::max(result, names.size() - names.count(base_variant));
  return result;
}

const std::unordered_set<std::string>& registry::owned_by(const std::string& worker) const {
  static const std::unordered_set<std::string> none;
  auto found = owned_.find(worker);
  return found == owned_.end() ? none : found->second;
}

uint32_t registry::kin(connection_number connection, const std::string& worker) const {
  auto found = kin_.find({connection, worker});
  return found == kin_.end() ? 0 : found->second;
}

assignment assignment_of(const variant_row& row) {
  return {row.entry.key,    row.entry.id,         row.placement.owner,
          row.entry.paused, row.entry.created_at, row.due};
}

} // namespace varia
