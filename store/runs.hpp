#pragma once

#include "core/ids.hpp"
#include "core/time.hpp"
#include "core/variant.hpp"
#include "store/redis.hpp"

#include <map>
#include <optional>
#include <string>
#include <vector>

namespace varia {

/// How many records of a model a run added, updated and deleted.
struct change_counts {
  int64_t added = 0;
  int64_t updated = 0;
  int64_t deleted = 0;
};

/// What a run came to.
enum class run_outcome { running, success, failed, cancelled, interrupted };

const char* to_string(run_outcome x);

/// Proves that a write belongs to the one run that may write: the owner's token and the run's
/// number within the variant. It also tells which batch of the run was answered last: a store that
/// knows of fewer, because a replica took over that had not got them, refuses all further ones.
struct run_ticket {
  variant_ref variant;
  token owner;
  uint64_t run = 0;
  uint64_t answered = 0;
};

/// Why a run begins.
struct run_cause {
  std::optional<time_ms> slot; ///< The slot of the schedule, if it was due.
  milliseconds waited{0};      ///< For a place on the worker.
  bool only_if_wanted = false; ///< Nothing begins unless a trigger or an event waits, or the last
                               ///< run did not come to its end.
  uint32_t missed = 0;         ///< Slots before that one which had no run.
  uint32_t retry = 0;          ///< Which retry of a run that failed; 0 for none.
  uint32_t retries = 0;        ///< How many there may be.
};

/// What a run finds when it begins.
struct run_start {
  run_ticket ticket;
  time_ms started_at = 0;
  std::optional<time_ms> last_sync; ///< When the last successful run began; none after a reset.
  bool empty_cache = false;         ///< The records were erased for this run.
  std::string event;                ///< JSON text of the event to handle; empty: the sync runs.
  std::string trace;                ///< Of whoever triggered it, as `to_text` has it; or empty.
  bool is_idle = false;             ///< Nothing was wanted, and nothing has begun.
};

/// How a run ended, for its history.
struct run_report {
  run_outcome outcome = run_outcome::success;
  std::string error; ///< JSON text of {type, description, ...}; empty unless it failed.
  /// An interrupted run whose checkpoint is the one it found would go on like this for ever: it
  /// counts as failed.
  bool needs_progress = false;
  std::vector<std::string> models = {}; ///< That the sync declares: who wants to hears of each.
  bool is_incremental = false;          ///< The sync says that it is.
  std::string progress = {};            ///< What it has done, JSON text; or empty.
  std::string trace = {};               ///< To which trace it belongs; or empty.
};

/// What a run came to, and whether the next one is wanted already.
struct run_ending {
  run_outcome outcome = run_outcome::success;
  bool more = false;
  failing failed{}; ///< Of the variant's syncs; a run for an event leaves it as it was.
};

/// A run that is over, for a glance at the last ones.
struct recent_run {
  run_outcome outcome = run_outcome::success;
  milliseconds took{0};
  int64_t changed = 0; ///< Records added, updated or deleted.
};

/// What is known of a variant beside its registry entry. Cheap: one round trip for many variants.
struct variant_state {
  placement_entry placement;
  std::optional<run_outcome> last_outcome; ///< Of the run that runs or ran last.
  uint64_t run = 0;
  time_ms started_at = 0;
  time_ms finished_at = 0;          ///< 0 while running.
  std::optional<time_ms> last_slot; ///< The slot that ran last.
  std::optional<time_ms> last_sync;
  uint32_t fails = 0;                          ///< In a row, since it was started last.
  uint32_t retries = 0;                        ///< How often the last run was a retry already.
  bool wanted = false;                         ///< A trigger or an event waits.
  time_ms asked_at = 0;                        ///< When the first trigger came that waits.
  std::map<std::string, change_counts> result; ///< Of that run, by model.
  std::map<std::string, int64_t> record_count; ///< Live records, by model.
  std::map<std::string, int64_t> record_bytes; ///< Of all payloads there are, by model.
  std::vector<recent_run> recent;              ///< Its last runs, the newest last.
  std::string checkpoint;                      ///< JSON text; empty for none.
  std::string error;                           ///< Of that run; JSON text or empty.
  std::string progress;                        ///< Of a run in progress; JSON text or empty.
  int64_t waited_ms = 0;                       ///< Of that run, until it began.
  int64_t batches = 0;                         ///< That it has committed.
};

/// Whether the last run has not come to its end: it runs, or was interrupted and goes on at once.
inline bool is_open(const variant_state& x) {
  return x.last_outcome == run_outcome::running || x.last_outcome == run_outcome::interrupted;
}

/// How the syncs of a variant have failed of late.
failing failing_of(const variant_state& x);

/// One entry of a variant's run history: a run, or the reason why a slot had none.
struct run_entry {
  std::string id; ///< Stream id.
  /// "started", "success", "failed", "cancelled", "skipped", "missed", "fenced", ...
  std::string what;
  std::string detail; ///< JSON text.
};

/// The runs of variants. Every write is fenced by the owner's token.
class runs {
public:
  explicit runs(redis& db) : db_{db} {}

  /// Leaves an event (JSON text) for a variant, to be handled by a run of its own. Fails with
  /// `not_found`, and with `full` if too many wait.
  expected<void> put_event(const variant_ref& variant, const std::string& event);

  /// Begins a run: takes the waiting trigger (and its reset) if there is one, notes the slot, opens
  /// the history entry, which tells how long the run has waited since it was due or triggered. A
  /// run that its owner left unfinished is closed as failed by the way. Fails with `fenced` or
  /// `not_found`.
  expected<run_start> begin(const variant_ref& variant, const token& owner, const run_cause& cause);

  /// Keeps how far a run has come (JSON text), for those who look on. Fails with `fenced`.
  expected<void> tell_progress(const run_ticket& ticket, const std::string& progress);

  /// Ends a run and returns what it came to: a success that has lost a batch is an interruption. A
  /// second end of the same run changes nothing. Fails with `fenced`, and with `cancelled` if the
  /// store has lost the run.
  expected<run_ending> end(const run_ticket& ticket, const run_report& report);

  /// Notes why a slot, or the last of several, had no run, for example "skipped", with a reason in
  /// words. One that is settled will not be made up for by another owner either. Fenced.
  expected<void> note(const variant_ref& variant, const token& owner, const std::string& what,
                      const std::string& reason, std::optional<time_ms> slot, uint32_t count = 1,
                      bool is_settled = false);

  /// Returns the state of each variant, in the order asked.
  expected<std::vector<variant_state>> states(const std::vector<variant_ref>& variants);

  /// Returns up to `count` entries of the history, newest first.
  expected<std::vector<run_entry>> history(const variant_ref& variant, size_t count);

private:
  redis& db_;
};

} // namespace varia
