#pragma once

#include "store/runs.hpp"

#include <map>
#include <optional>
#include <string>
#include <vector>

namespace varia {

/// The event that asks a function for its partitions: its run is one of the base variant, in turn
/// with all others. No webhook can be mistaken for it, because those are JSON texts.
inline constexpr auto partitions_event = "partitions";

/// One partition as a function told it. What it does not mention is left to the function.
struct partition {
  std::string name; ///< A name that a variant may have.
  std::optional<std::string> frequency;
  std::optional<std::string> settings; ///< JSON text of an object.
};

/// What came of asking a function for its partitions.
enum class partitions_outcome {
  none,   ///< It was never asked, or has not answered yet.
  found,  ///< It told them.
  failed, ///< It failed, or told something else.
  absent, ///< It has no hook.
};

const char* to_string(partitions_outcome x);

/// What was done about the partitions that were found, by names of variants.
struct partitions_result {
  time_ms at = 0; ///< 0: nothing yet.
  std::vector<std::string> created;
  std::vector<std::string> changed;
  std::vector<std::string> deleted;
  std::vector<std::string> refused; ///< More than the limit, or refused by the registry.
  std::vector<std::string> foreign; ///< Told, but made by somebody else: left alone.
  bool guarded = false;             ///< Deletions were held back, because they were too many.
};

/// All that is known of the partitions of a sync.
struct partitions_row {
  time_ms asked_at = 0;
  std::string sha; ///< Of the bundle that was asked.
  time_ms answered_at = 0;
  partitions_outcome outcome = partitions_outcome::none; ///< Of the last answer.
  std::string reason;                                    ///< Why it failed, in words.
  std::vector<partition> found;                          ///< What was told last.
  time_ms found_at = 0;                                  ///< When it was.
  time_ms done_at = 0;                                   ///< The `found_at` that has been acted on.
  std::map<std::string, time_ms> missing; ///< Variants whose partition is gone, and since when.
  partitions_result result;               ///< What was done last.
  bool force = false;                     ///< The next time may delete as many as it will.
};

/// Reads what a hook returned, given as JSON text. Fails with `invalid`, in words, on anything that
/// is not a list of {name, settings?, frequency?} with names that variants may have, each once.
expected<std::vector<partition>> read_partitions(const std::string& json);

/// The partitions of syncs in the store, and when each sync is to be looked at.
class partitions {
public:
  explicit partitions(redis& db) : db_{db} {}

  /// Leaves the question to the bundle `sha` for a sync's base variant, unless one is on its way;
  /// false then. With `force` the next answer may delete as many variants as it will. Fails with
  /// `not_found`.
  expected<bool> ask(const variant_ref& base, const std::string& sha, milliseconds patience,
                     bool force);

  /// Stores what the hook told in this run. Fails with `fenced`.
  expected<void> tell(const run_ticket& ticket, const std::vector<partition>& found);

  /// Stores that the run told nothing, and why. Fails with `fenced`.
  expected<void> tell(const run_ticket& ticket, partitions_outcome outcome,
                      const std::string& reason);

  /// Notes what was done about what was found then, unless more was found by now.
  expected<void> note(const sync_id& sync, const partitions_row& row);

  expected<partitions_row> read(const sync_id& sync);

  /// Has these syncs looked at no later than now.
  expected<void> watch(const std::vector<sync_id>& syncs);

  /// Has a sync looked at next at this time.
  expected<void> look_again(const sync_id& sync, time_ms at);

  /// Looks at a sync no more.
  expected<void> forget(const sync_id& sync);

  /// Returns up to `most` syncs that are to be looked at now, and the time.
  expected<std::vector<sync_id>> due(time_ms now, size_t most);

  /// Returns when a sync is looked at next, if it is.
  expected<std::optional<time_ms>> next_look(const sync_id& sync);

private:
  expected<void> tell(const run_ticket& ticket, const char* outcome, const std::string& found,
                      const std::string& reason);

  redis& db_;
};

} // namespace varia
