#pragma once

#include "core/ids.hpp"
#include "core/time.hpp"
#include "store/retention.hpp"
#include "store/runs.hpp"

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <optional>
#include <string>
#include <variant>
#include <vector>

namespace varia {

/// How long records are kept; 0 means for ever.
struct retention_rules {
  milliseconds prune_after{0}; ///< Payloads go when their record has not changed for so long.
  milliseconds purge_after{0}; ///< All records go when their variant has not run for so long.
};

/// What one step of a round asks of the store. Each is one short call.
struct find_syncs {
  std::optional<sync_id> after;
  size_t count = 0;
};
struct bury_variants {
  sync_id sync;
  size_t limit = 0;
};
struct find_variants {
  sync_id sync;
};
struct read_states {
  std::vector<variant_ref> variants;
};
struct purge_variant {
  variant_ref variant;
  time_ms idle_since = 0;
};
struct prune_model {
  variant_ref variant;
  std::string model;
  record_place until = 0;
  size_t limit = 0;
};
using retention_step
  = std::variant<find_syncs, bury_variants, find_variants, read_states, purge_variant, prune_model>;

/// What a round has done so far.
struct retention_totals {
  uint64_t pruned = 0; ///< Records that lost their payload.
  uint64_t purged = 0; ///< Live records that are gone.
  uint64_t buried = 0; ///< Deleted variants that cannot come back any more.
};

/// One round over all variants of the store, those that were deleted included: says what to do
/// next, and is told what came of it. It holds one page of syncs, the variants of one sync and the
/// work for some of them, never more. Plain data: it knows no actor, no clock and no database.
class retention_round {
public:
  /// `now` is the time of the store, from which the ages in this round count.
  retention_round(const retention_rules& rules, time_ms now);

  /// Returns the next step; nothing at the end of the round. The same until it is answered.
  std::optional<retention_step> next() const;

  /// The answers to the steps, in the order of their types.
  void found(std::vector<sync_id> syncs);
  void buried(size_t variants);
  void found(std::vector<variant_ref> variants);
  void found(const std::vector<variant_state>& states);
  void purged(int64_t live);
  void pruned(const prune_result& result);

  /// The variant that the next step is about is gone.
  void skip();

  const retention_totals& totals() const { return totals_; }

private:
  void plan(const variant_ref& variant, const variant_state& state);
  size_t states_next() const;
  void leave_sync();

  std::optional<time_ms> idle_since_; ///< What has not run since is purged.
  std::optional<record_place> until_; ///< What has not changed after it is pruned.
  std::optional<sync_id> last_;       ///< The last sync of the page.
  bool at_end_ = false;               ///< There is no other page.
  bool is_buried_ = false;            ///< The first sync has no deleted variant left to erase.
  std::deque<sync_id> syncs_;         ///< To be asked for their variants.
  std::deque<variant_ref> variants_;  ///< To be asked for their state.
  std::deque<retention_step> work_;   ///< Purges and prunings.
  retention_totals totals_;
};

/// How long to leave Redis to others after a call that took so long: it is ours for a tenth of the
/// time at most.
constexpr std::chrono::nanoseconds pause_after(std::chrono::nanoseconds took) {
  return took * 9;
}

} // namespace varia
