#include "worker/variant_life.hpp"

#include <algorithm>
#include <utility>

namespace varia {

variant_life::variant_life(assignment what, const variant_past& past)
  : what_{std::move(what)}, again_{past.run_open || past.wanted} {
  if (past.last_slot >= 0)
    last_slot_ = past.last_slot;
}

variant_step variant_life::begin(time_ms now) {
  if (std::exchange(again_, false))
    return start(due_slot(now));
  return tick(now);
}

variant_step variant_life::assign(assignment what, time_ms now) {
  auto paused_now = what.paused && !what_.paused;
  what_ = std::move(what);
  if (active_)
    return paused_now ? cancel("the variant was paused") : variant_step{};
  return tick(now);
}

variant_step variant_life::cancel(const std::string& reason) {
  variant_step step;
  if (active_) {
    again_ = woken_ = false;
    step.cancel = reason;
  }
  return step;
}

variant_step variant_life::tick(time_ms now) {
  if (retry_at_ && now >= *retry_at_) {
    retry_at_.reset();
    return start(due_slot(now));
  }
  auto slot = due_slot(now);
  if (!slot)
    return {};
  if (!active_)
    return start(slot);
  last_slot_ = slot;
  variant_step step;
  step.skipped = variant_step::skipped_slot{*slot, "the run before has not ended"};
  return step;
}

variant_step variant_life::wake(bool restart) {
  if (!active_)
    return start(std::nullopt);
  woken_ = true;
  if (!restart)
    return {};
  again_ = true;
  variant_step step;
  step.cancel = "the variant was reset";
  return step;
}

variant_step variant_life::yield() {
  yields_ = true;
  variant_step step;
  step.freed = !active_;
  return step;
}

variant_step variant_life::end(const run_end& how, time_ms now) {
  active_ = false;
  auto slot = std::exchange(running_slot_, std::nullopt);
  variant_step step;
  if (how.fenced) {
    step.over = true;
    return step;
  }
  if (yields_) {
    step.freed = true;
    return step;
  }
  auto wanted = std::exchange(woken_, false) || (how.more && how.outcome != "cancelled");
  if (std::exchange(again_, false) || how.outcome == "interrupted")
    return start(due_slot(now));
  if (how.outcome == "idle")
    return wanted ? start(std::nullopt) : tick(now);
  if (!how.began && how.outcome != "cancelled") {
    // The slot counts as not run: it, or the trigger that waits in the store, is taken up again.
    if (slot && last_slot_ == slot)
      last_slot_ = before_running_;
    retry_at_ = now + retry_after.count();
    return step;
  }
  return wanted ? start(due_slot(now)) : tick(now);
}

std::optional<time_ms> variant_life::next_alarm(time_ms now) const {
  std::optional<time_ms> alarm = retry_at_;
  if (!what_.paused)
    if (auto slot = next_slot(schedule_of(what_), last_slot_, now))
      alarm = alarm ? std::min(*alarm, *slot) : *slot;
  return alarm;
}

variant_step variant_life::start(std::optional<time_ms> slot) {
  active_ = true;
  retry_at_.reset();
  running_slot_ = slot;
  before_running_ = last_slot_;
  if (slot)
    last_slot_ = slot;
  variant_step step;
  step.start = variant_step::start_run{slot};
  return step;
}

std::optional<time_ms> variant_life::due_slot(time_ms now) const {
  if (what_.paused)
    return std::nullopt;
  auto slot = next_slot(schedule_of(what_), last_slot_, now);
  return slot && *slot <= now ? slot : std::nullopt;
}

} // namespace varia
