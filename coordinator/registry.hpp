#pragma once

#include "actors/messages.hpp"
#include "core/error.hpp"

#include <cstddef>
#include <map>
#include <string>
#include <unordered_map>
#include <vector>

namespace varia {

/// The variants of every sync as the leader holds them in memory: who they are, when they are due,
/// and who hosts them. Redis holds the truth; this is its image, filled when a leader starts and
/// kept in step with each write. Plain data: it knows no actor, no clock and no database.
class registry {
public:
  /// `named_max` is how many variants other than `base` one sync may have.
  explicit registry(size_t named_max) : named_max_{named_max} {}

  /// Says whether one more variant would be refused: `full` is tested before `exists`, as the
  /// contract has it (1.7). The store decides again, exactly; this spares it the calls that are
  /// hopeless.
  expected<void> may_add(const variant_key& key) const;

  /// Adds a variant, or replaces the one of the same key.
  void put(variant_row row);

  /// Changes the registry entry of a variant and keeps its placement. Ignored if it is gone.
  void update(const variant_entry& entry, uint64_t period_ms);

  void erase(const std::string& id);

  variant_row* find(const std::string& id);
  variant_row* find(const variant_key& key);

  /// Returns the ids of a sync's variants.
  std::vector<std::string> ids_of(const sync_id& sync) const;

  /// Returns the syncs of a connection.
  std::vector<sync_id> syncs_of(connection_number connection) const;

  /// Returns the ids of all variants of which a worker is the owner.
  std::vector<std::string> owned_by(const std::string& worker) const;

  size_t size() const { return rows_.size(); }

private:
  size_t named_max_;
  std::unordered_map<std::string, variant_row> rows_;
  std::map<sync_id, std::map<std::string, std::string>> syncs_; ///< Name to id.
};

/// What the worker of a variant must know of it.
assignment assignment_of(const variant_row& row);

} // namespace varia
