#pragma once

#include "core/variant_order.hpp"
#include "store/redis.hpp"

#include <string>
#include <vector>

namespace varia {

/// A life of a variant that was deleted and may come back.
struct deleted_variant {
  variant_entry entry;
  time_ms deleted_at = 0;
  time_ms kept_until = 0; ///< From then on it is gone for good.
};

/// What was found of the deleted lives of a sync whose time is over.
struct burial {
  size_t buried = 0;
  time_ms next_at = 0; ///< When the next one's time is over; 0: there is none.
};

/// Changes of many variants of one sync in one step, and the deletions that can be undone. What is
/// deleted is fenced and out of the registry at once: it counts for nothing and is found by nobody,
/// but what it has stays under its id for a while.
class variant_orders {
public:
  explicit variant_orders(redis& db) : db_{db} {}

  /// Carries out a batch, or nothing of it if `all_or_nothing` and one order is refused. Exactly
  /// `named_max` variants other than `base` fit at any moment; `full` is tested before `exists`, as
  /// the contract has it. Deleted variants can be brought back for so long; with 0 they go for
  /// good. Repeated, it changes nothing more. Fails with `fenced`.
  expected<batch_result> apply(uint64_t epoch, const variant_batch& batch, size_t named_max,
                               milliseconds keep);

  /// Returns the deleted lives of a sync that may come back, the last deleted one first.
  expected<std::vector<deleted_variant>> deleted(const sync_id& sync);

  /// Erases up to `most` deleted lives whose time is over.
  expected<burial> bury(const sync_id& sync, size_t most);

private:
  redis& db_;
};

} // namespace varia
