#pragma once

#include "core/variant.hpp"
#include "store/cursor.hpp"
#include "store/redis.hpp"

#include <string>
#include <vector>

namespace varia {

/// What one step of pruning did.
struct prune_result {
  size_t pruned = 0;
  bool has_more = false; ///< Payloads up to the last place are left.
};

/// Takes old records out of the store. Each call is one short step; who has more to do makes many,
/// with pauses, because Redis serves nobody else during a step.
class retention {
public:
  explicit retention(redis& db) : db_{db} {}

  /// Removes the payloads of up to `limit` records whose last change is at or before a place, the
  /// oldest first, and keeps everything else of them. Looks at 2,000 records at most. Fails with
  /// `not_found` if the variant is gone.
  expected<prune_result> prune(const variant_ref& variant, const std::string& model,
                               record_place until, size_t limit);

  /// Erases all records of a variant that has not run since a time, unless it runs just now.
  /// Returns how many live ones there were. A variant that never ran has none.
  expected<int64_t> purge(const variant_ref& variant, time_ms idle_since);

  /// Asks Redis for its time, which is that of all changes.
  expected<time_ms> now();

  /// Returns the models that a variant has records of.
  expected<std::vector<std::string>> models_of(const variant_ref& variant);

private:
  redis& db_;
};

} // namespace varia
