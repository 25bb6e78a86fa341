#pragma once

#include "actors/messages.hpp"

#include <cstddef>
#include <cstdint>
#include <map>
#include <string>
#include <unordered_map>
#include <unordered_set>
#include <utility>
#include <vector>

namespace varia {

/// The variants of every sync as the leader holds them in memory: who they are, when they are due,
/// and who hosts them. Redis holds the truth; this is its image, filled when a leader starts and
/// kept in step with each write. Plain data: it knows no actor, no clock and no database.
class registry {
public:
  /// Adds a variant, or replaces the one of the same key.
  void put(variant_row row);

  /// Changes the registry entry of a variant and keeps its placement. Ignored if it is gone.
  void update(const variant_entry& entry, timing due);

  /// Changes when a variant is due. Ignored if it is gone.
  void set_due(const std::string& id, timing due);

  /// Names the owner of a variant. Ignored if it is gone.
  void place(const std::string& id, placement_entry placement);

  void erase(const std::string& id);

  const variant_row* find(const std::string& id) const;
  const variant_row* find(const variant_key& key) const;

  /// Returns the ids of a sync's variants.
  std::vector<std::string> ids_of(const sync_id& sync) const;

  /// Returns the syncs of a connection.
  std::vector<sync_id> syncs_of(connection_number connection) const;

  /// Returns the ids of all variants of which a worker is the owner.
  const std::unordered_set<std::string>& owned_by(const std::string& worker) const;

  /// How many variants of a connection a worker owns.
  uint32_t kin(connection_number connection, const std::string& worker) const;

  size_t size() const { return rows_.size(); }

  /// How many variants are paused.
  size_t paused() const { return paused_; }

  /// How many named variants the sync has that has most of them. Looks at every sync.
  size_t largest_sync() const;

private:
  void leave_owner(const variant_row& row);

  std::unordered_map<std::string, variant_row> rows_;
  size_t paused_ = 0;
  std::map<sync_id, std::map<std::string, std::string>> syncs_; ///< Name to id.
  std::unordered_map<std::string, std::unordered_set<std::string>> owned_;
  std::map<std::pair<connection_number, std::string>, uint32_t> kin_;
};

/// What the worker of a variant must know of it.
assignment assignment_of(const variant_row& row);

} // namespace varia
