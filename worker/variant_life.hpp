#pragma once

#include "actors/messages.hpp"
#include "core/schedule.hpp"

#include <optional>
#include <string>
#include <vector>

namespace varia {

/// What a VARIANT has to do after something happened to it. Empty parts mean: nothing.
struct variant_step {
  struct start_run {
    std::optional<time_ms> slot; ///< The slot of the schedule; none for a trigger or a retry.
    uint32_t missed = 0;         ///< Slots before that one which had no run.
    uint32_t retry = 0;          ///< Which retry it is; 0 for none.
  };

  std::optional<start_run> start;
  std::optional<std::string> cancel; ///< The reason, in words.
  std::optional<std::string> stop;   ///< The variant is to be paused; the reason, in words.
  std::vector<tick_note> notes;
  bool over = false;  ///< Another owner was named, or the variant is gone: end.
  bool freed = false; ///< Nothing runs any more, and another worker goes on from here: end.
};

/// The life of one variant on a worker: when it runs, and what becomes of what happens meanwhile.
/// Its rules (contract 6.3, 6.6; design 6): never two runs at once; a slot that falls into a run is
/// skipped and noted, or waits for its end; missed slots count as one, unless they are too late;
/// nothing becomes due in a blackout; pausing cancels what runs; a trigger with reset cancels what
/// runs and runs again; a run that failed is made again as the rules of its schedule have it, and
/// one that could not begin after `begin_again_after`. Whoever is woken while it runs looks
/// afterwards whether there is something to do.
/// Plain: time is passed in, and what is to be done comes back as a step.
class variant_life {
public:
  static constexpr milliseconds begin_again_after{1000};

  /// How often it is said that the variant is to be paused, until it is.
  static constexpr milliseconds stop_again_after{10'000};

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

  /// Whether the last run failed, and nobody has paused the variant since.
  bool is_failing() const { return failing_.fails > 0 && !what_.paused; }

  /// How often a run that fails is made again at most.
  uint32_t retries() const;

private:
  variant_step start(std::optional<time_ms> slot);
  variant_step start_due(time_ms now) { return start(due_slot(now)); }
  std::optional<time_ms> passed_slot(time_ms now) const;
  std::optional<time_ms> due_slot(time_ms now) const;
  std::optional<time_ms> retry_due(time_ms now) const;
  std::optional<time_ms> settled_slot() const;
  bool is_to_be_stopped() const;
  bool is_late(time_ms slot, time_ms now) const;
  void settle_missed(time_ms now, variant_step& step);
  void meet_run(time_ms slot, variant_step& step);
  void note_pause(time_ms now, variant_step& step);
  variant_step ask_to_stop(time_ms now);

  assignment what_;
  schedule plan_;
  std::optional<time_ms> last_slot_;
  std::optional<time_ms> running_slot_;   ///< Of the run that is active.
  std::optional<time_ms> before_running_; ///< `last_slot_` before that run.
  std::optional<time_ms> queued_slot_;    ///< Waits for the end of the active run.
  std::optional<time_ms> begin_again_at_;
  time_ms dark_until_ = -1;    ///< End of the blackout that was noted.
  time_ms stop_again_at_ = -1; ///< When to say again that the variant is to be paused.
  failing failing_;
  bool active_ = false; ///< A run is queued or runs.
  bool again_ = false;  ///< Run once more as soon as the active run ends.
  bool yields_ = false; ///< Begin nothing more.
  bool woken_ = false;  ///< Somebody has left something to do since the active run began.
};

} // namespace varia
