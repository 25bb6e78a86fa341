#pragma once

#include "core/ids.hpp"
#include "store/redis.hpp"

#include <caf/meta/type_name.hpp>

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace varia {

/// Whose limit: that of a sync if it has a name, of a connection if it has a number, else of all
/// connections of an environment.
struct limit_scope {
  std::string environment;
  connection_number connection = 0;
  std::string sync;
};

/// A limit of named variants that is set, or removed.
struct limit_change {
  limit_scope scope;
  bool removes = false;
  uint32_t named_max = 0;
};

/// What is said of one scope, and what holds there.
struct limit_view {
  std::optional<uint32_t> of_environment;
  std::optional<uint32_t> of_connection;
  std::optional<uint32_t> of_sync;
  uint32_t effective = 0; ///< The closest of these, or the default.
};

template <class Inspector>
auto inspect(Inspector& f, limit_scope& x) {
  return f(caf::meta::type_name("limit_scope"), x.environment, x.connection, x.sync);
}

template <class Inspector>
auto inspect(Inspector& f, limit_change& x) {
  return f(caf::meta::type_name("limit_change"), x.scope, x.removes, x.named_max);
}

/// How many named variants syncs may have, where it is not the default of the installation: the
/// limit of a sync goes before that of its connection, that one before its environment's. Only the
/// thread that changes a leader's registry sets limits, so none can be passed by what is under way.
class variant_limits {
public:
  explicit variant_limits(redis& db) : db_{db} {}

  /// Returns what holds in a scope.
  expected<limit_view> view(const limit_scope& scope, uint32_t otherwise);

  /// Sets or removes a limit. Fails with `conflict`, in words, if a sync has more variants than it
  /// would allow then, and with `fenced` under a newer leader.
  expected<void> set(uint64_t epoch, const limit_change& what, uint32_t otherwise);

  /// Forgets the limit of a sync that is gone.
  expected<void> forget(const sync_id& sync);

private:
  expected<std::vector<sync_id>> affected(const limit_scope& scope);
  expected<std::vector<sync_id>> syncs_of(const std::vector<connection_number>& connections);
  expected<void> check(uint64_t epoch, const limit_change& what, uint32_t otherwise);

  redis& db_;
};

} // namespace varia
