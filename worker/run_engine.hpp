#pragma once

#include "config/settings.hpp"
#include "core/variant.hpp"
#include "store/gates.hpp"
#include "store/redis.hpp"
#include "store/runs.hpp"
#include "worker/script_commands.hpp"

#include <functional>
#include <memory>
#include <optional>
#include <string>

namespace varia {

/// One run to make: for which variant, under which token, and for which slot of its schedule. One
/// without a slot that is no retry is made only if a trigger or an event waits, or the last run was
/// cut short.
struct run_request {
  assignment variant;
  std::optional<time_ms> slot;
  milliseconds waited{0}; ///< For a place on this worker.
  uint32_t missed = 0;    ///< Slots before that one which had no run.
  uint32_t retry = 0;     ///< Which retry of a run that failed; 0 for none.
  uint32_t retries = 0;   ///< How many there may be.
};

/// How a run ended.
struct run_result {
  run_outcome outcome = run_outcome::success;
  std::string error; ///< In words; empty unless it failed.
  bool fenced
    = false; ///< The token is worthless now: another owner was named, or the variant is gone.
  bool idle = false; ///< Nothing was wanted, so there was no run.
  bool more = false; ///< The next run is wanted already.
  bool began
    = false; ///< False if not even the run's begin could be written; it may be tried again.
  gate deferred = gate::none; ///< The limit that did not let it begin; it is to be asked for again.
  failing failed{};             ///< Known if it began.
  std::string integration;    ///< What it counts for at its gate, if it has limits.
};

/// Makes runs: begins them in the store, hands the script to a Node child process, answers what the
/// script asks, ends them in the store. Thread-safe; it has its own threads for children, for
/// blocking calls to Redis and for HTTP to providers, all of which end in the destructor.
class run_engine {
public:
  using done_handler = std::function<void(run_result)>;

  explicit run_engine(const settings& config);
  ~run_engine();

  run_engine(const run_engine&) = delete;
  run_engine& operator=(const run_engine&) = delete;

  /// Makes the first children ready. Fails with `invalid` if Node or the runtime's files are not
  /// where the settings say, or a setting of the way out to providers is wrong.
  expected<void> prepare();

  /// Begins a run. `done` is called exactly once, from a thread of the engine. The caller sees to
  /// it that a variant has one run at a time and that no more than `slots()` run at once.
  void start(run_request request, done_handler done);

  /// Ends a variant's run early: its pending and later calls fail with `reason`, its store writes
  /// stop at once, and its process is killed if the script does not end within the grace time. The
  /// run counts as cancelled, and `done` is called as for every run. Nothing happens if it has
  /// none.
  void cancel(const std::string& variant_id, const std::string& reason);

  /// Has a variant's run end as interrupted, because it goes on elsewhere: as soon as it has saved
  /// a checkpoint, or `now`, wherever it is. Nothing happens if it has none.
  void yield(const std::string& variant_id, bool now);

  /// Runs actions and on-event functions from here on, in the name of this worker: as many as the
  /// settings say, beside the runs of variants.
  void take_actions(const std::string& worker);

  /// Takes no more of them.
  void hold_actions();

  /// Returns true once none runs any more, false if one still does after `patience`.
  bool await_actions(milliseconds patience);

  /// Where scripts ask the leader for something.
  script_commands& commands();

  /// Notes in the history of a variant that its run waits, for a reason in words.
  void note_wait(const run_request& request, const std::string& reason);

  /// How many runs fit at once.
  size_t slots() const;

private:
  struct state;
  std::unique_ptr<state> state_;
};

} // namespace varia
