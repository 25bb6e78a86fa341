#pragma once

#include "core/variant.hpp"
#include "store/redis.hpp"

#include <string>
#include <string_view>
#include <vector>

namespace varia {

/// A variant and who owns it, as the coordinator reads them back after a restart.
struct registered_variant {
  variant_entry entry;
  placement_entry placement;
  bool wanted = false; ///< A trigger or an event waits.
};

/// What a trigger asks for beside a run.
struct trigger_options {
  bool reset = false;       ///< Forget the checkpoint and the last run.
  bool empty_cache = false; ///< Erase the variant's records; only with `reset`.
  std::string trace = {};   ///< To which trace the run belongs, as `to_text` has it; or empty.
};

template <class Inspector>
auto inspect(Inspector& f, registered_variant& x) {
  return f(caf::meta::type_name("registered_variant"), x.entry, x.placement, x.wanted);
}

template <class Inspector>
auto inspect(Inspector& f, trigger_options& x) {
  return f(caf::meta::type_name("trigger_options"), x.reset, x.empty_cache, x.trace);
}

/// Reads what the registry keeps under the name of a variant; `internal` if it is something else.
expected<variant_entry> read_variant_entry(const variant_key& key, std::string_view bytes);

/// The registry of variants in Redis. Writes carry the epoch of the leader that asks; they fail
/// with `fenced` once a newer leader has written. All writes of one sync happen in one slot.
class variants {
public:
  explicit variants(redis& db) : db_{db} {}

  /// Registers a variant under a new id, and returns its entry. The limit is checked and the row
  /// inserted in one step: exactly `named_max` variants other than `base` fit. Fails with `full`
  /// (tested first, as the contract has it), then with `exists`. `base` is never limited. Asked
  /// again for the same id, it answers as the first time: an answer may get lost on its way.
  expected<variant_entry> add(uint64_t epoch, const variant_key& key, bool paused, size_t named_max,
                              const std::string& id = make_uuid());

  /// Removes a variant with all it owns: lease, checkpoint, records, runs, log. The data is
  /// unlinked in the same step and freed by Redis in the background. Fails with `not_found`.
  /// Returns the entry that was removed.
  expected<variant_entry> remove(uint64_t epoch, const variant_key& key);

  /// Pauses or starts a variant and returns its entry; `not_found` if there is none. The reason
  /// for a pause is empty if somebody asked for it. Failures before a start count no more.
  expected<variant_entry> set_paused(uint64_t epoch, const variant_key& key, bool paused,
                                     const std::string& reason = {});

  /// Sets the frequency override (empty: the function's) and returns the entry; `not_found`.
  expected<variant_entry> set_frequency(uint64_t epoch, const variant_key& key,
                                        const std::string& frequency);

  /// Sets the schedule of a variant's own (packed `schedule_rules`; empty: the function's) and
  /// returns the entry. With `replaces_frequency` its frequency override goes. `not_found`.
  expected<variant_entry> set_schedule(uint64_t epoch, const variant_key& key,
                                       const std::string& schedule, bool replaces_frequency);

  /// Makes a run wanted, now or as soon as the variant has a worker. It stays wanted until a run
  /// begins, so no crash loses it. Asked twice, the options add up. Without a reset, and while a
  /// run is in progress, it is only noted in the history. Returns the entry; `not_found`.
  expected<variant_entry> want_run(uint64_t epoch, const variant_key& key, trigger_options options);

  /// Names the owner of each variant, which fences the one before. Variants that are gone by now
  /// are left out of the answer; the rest comes back as placed.
  expected<std::vector<assignment>> place(uint64_t epoch, const std::string& worker,
                                          const std::vector<assignment>& wanted);

  expected<std::optional<variant_entry>> find(const variant_key& key);

  /// Returns those of these that exist, in the order asked, in one round trip.
  expected<std::vector<variant_entry>> find(const std::vector<variant_key>& keys);

  /// Returns the variants of one sync: `base` first, then by name.
  expected<std::vector<variant_entry>> list(const sync_id& sync);

  /// Returns the names of all syncs that a connection has variants of.
  expected<std::vector<std::string>> syncs_of(connection_number connection);

  /// Returns up to `count` syncs of the whole store in the order of the index: those after `after`
  /// or the first ones. Some of them may have no variants any more.
  expected<std::vector<sync_id>> next_syncs(const std::optional<sync_id>& after, size_t count);

  /// Returns every variant in the store with its owner, and sees to it that no leader of an earlier
  /// epoch can change one of them from then on. Used once, when a leader starts. Fails with
  /// `fenced` if a later one did so before.
  expected<std::vector<registered_variant>> claim_all(uint64_t epoch);

private:
  redis& db_;
};

} // namespace varia
