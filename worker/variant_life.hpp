#pragma once

#include "actors/messages.hpp"

#include <optional>
#include <string>

namespace varia {

/// What a VARIANT has to do after something happened to it. Empty parts mean: nothing.
struct variant_step {
  struct start_run {
    std::optional<time_ms> slot; ///< The slot of the schedule; none for a trigger.
  };
  struct skipped_slot {
    time_ms slot;
    std::string reason;
  };

  std::optional<start_run> start;
  std::optional<std::string> cancel; ///< The reason, in words.
  std::optional<skipped_slot> skipped;
  bool over = false;  ///< Another owner was named, or the variant is gone: end.
  bool freed = false; ///< Nothing runs any more, and another worker goes on from here: end.
};

/// The life of one variant on a worker: when it runs, and what becomes of what happens meanwhile.
/// Its rules (contract 6.3, 6.6; design 6): never two runs at once; a slot that falls into a run is
/// skipped and noted; missed slots count as one; pausing cancels what runs; a trigger with reset
/// cancels what runs and runs again; a run that could not begin is tried again after `retry_after`.
/// Whoever is woken while it runs looks afterwards whether there is something to do.
/// Plain: time is passed in, and what is to be done comes back as a step.
class variant_life {
public:
  static constexpr milliseconds retry_after{1000};

  variant_life(assignment what, const variant_past& past);

  /// The first step, right after hosting began.
  variant_step begin(time_ms now);

  /// The coordinator says what the variant should be now.
  variant_step assign(assignment what, time_ms now);

  /// The timer rang.
  variant_step tick(time_ms now);

  /// A run is wanted; with `restart` in place of the one that runs.
  variant_step wake(bool restart);

  /// What runs is to be cancelled. A paused variant may run, too: it was triggered.
  variant_step cancel(const std::string& reason);

  /// The variant is to move to another worker. It is freed now, or by the end of what runs; what is
  /// left to do then waits in the store.
  variant_step yield();

  /// The run has ended.
  variant_step end(const run_end& how, time_ms now);

  /// When the timer should ring next: nothing while paused or without a schedule.
  std::optional<time_ms> next_alarm(time_ms now) const;

  const assignment& what() const { return what_; }

  bool active() const { return active_; }

private:
  variant_step start(std::optional<time_ms> slot);
  std::optional<time_ms> due_slot(time_ms now) const;

  assignment what_;
  std::optional<time_ms> last_slot_;
  std::optional<time_ms> running_slot_;   ///< Of the run that is active.
  std::optional<time_ms> before_running_; ///< `last_slot_` before that run.
  std::optional<time_ms> retry_at_;
  bool active_ = false; ///< A run is queued or runs.
  bool again_ = false;  ///< Run once more as soon as the active run ends.
  bool yields_ = false; ///< Begin nothing more.
  bool woken_ = false;  ///< Somebody has left something to do since the active run began.
};

} // namespace varia
