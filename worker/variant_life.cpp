#include "worker/variant_life.hpp"

#include <algorithm>
#include <utility>

namespace varia {

namespace {

tick_note note_of(const char* what, std::string reason, time_ms slot, uint32_t count = 1) {
  return {what, std::move(reason), slot, count};
}

// What is done next, with what there is to tell of the run before.
variant_step with_notes(variant_step before, variant_step next) {
  next.notes.insert(next.notes.begin(), before.notes.begin(), before.notes.end());
  return next;
}

} // namespace

variant_life::variant_life(assignment what, const variant_past& past)
  : what_{std::move(what)}, plan_{schedule_of(what_)}, failing_{past.failed}, again_{
                                                                                past.run_open
                                                                                || past.wanted} {
  if (past.last_slot >= 0)
    last_slot_ = past.last_slot;
}

variant_step variant_life::begin(time_ms now) {
  return std::exchange(again_, false) ? start_due(now) : tick(now);
}

variant_step variant_life::assign(assignment what, time_ms now) {
  auto paused_now = what.paused && !what_.paused;
  auto resumed_now = !what.paused && what_.paused;
  what_ = std::move(what);
  plan_ = schedule_of(what_);
  stop_again_at_ = -1;
  if (active_ && paused_now)
    return cancel("the variant was paused");
  if (active_ && !resumed_now)
    return {};
  variant_step noted;
  if (resumed_now)
    note_pause(now, noted);
  if (active_)
    return noted;
  return with_notes(std::move(noted), tick(now));
}

// Whoever is started anew has not failed yet.
void variant_life::note_pause(time_ms now, variant_step& step) {
  failing_ = {};
  auto slot = passed_slot(now);
  if (auto count = slots_between(plan_, last_slot_, now + 1); slot && count > 0)
    step.notes.push_back(note_of("paused", "the variant was paused", *slot, count));
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
  if (begin_again_at_ && now >= *begin_again_at_) {
    begin_again_at_.reset();
    return start_due(now);
  }
  if (what_.paused)
    return {};
  if (is_to_be_stopped())
    return ask_to_stop(now);
  variant_step step;
  settle_missed(now, step);
  if (auto slot = due_slot(now)) {
    if (active_)
      meet_run(*slot, step);
    else
      step.start = start(slot).start;
  } else if (auto retry = retry_due(now); retry && *retry <= now) {
    step.start = start(std::nullopt).start;
    step.start->retry = failing_.retries + 1;
  }
  return step;
}

variant_step variant_life::ask_to_stop(time_ms now) {
  variant_step step;
  if (now < stop_again_at_)
    return step;
  stop_again_at_ = now + stop_again_after.count();
  step.stop = "stopped after " + std::to_string(failing_.fails) + " failures in a row";
  return step;
}

// What is too late counts as run; what lies in a blackout waits for its end.
void variant_life::settle_missed(time_ms now, variant_step& step) {
  auto slot = passed_slot(now);
  if (!slot)
    return;
  if (auto end = blackout_end(plan_, now)) {
    if (std::exchange(dark_until_, *end) != *end)
      step.notes.push_back(note_of("blackout", "a blackout lasts until " + to_iso_z(*end), *slot));
  } else if (is_late(*slot, now)) {
    auto count = slots_between(plan_, last_slot_, *slot) + 1;
    step.notes.push_back(note_of("missed", "too late to be made up for", *slot, count));
    last_slot_ = slot;
  }
}

void variant_life::meet_run(time_ms slot, variant_step& step) {
  if (plan_.rules && plan_.rules->rules().queues) {
    if (std::exchange(queued_slot_, slot))
      return;
    step.notes.push_back(note_of("queued", "the run before has not ended", slot));
    return;
  }
  last_slot_ = slot;
  step.notes.push_back(note_of("skipped", "the run before has not ended", slot));
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
  auto is_cancelled = how.outcome == "cancelled";
  if (how.began)
    failing_ = how.failed;
  if (is_cancelled)
    failing_.failed_at = -1;
  if (is_cancelled && !how.began)
    step.notes.push_back(note_of("cancelled", how.error, -1));
  auto wanted = std::exchange(woken_, false) || (how.more && !is_cancelled);
  if (std::exchange(again_, false) || how.outcome == "interrupted")
    return with_notes(std::move(step), start_due(now));
  if (how.outcome == "idle")
    return wanted ? start(std::nullopt) : tick(now);
  if (!how.began && !is_cancelled) {
    // The slot counts as not run: it, or the trigger that waits in the store, is taken up again.
    if (slot && last_slot_ == slot)
      last_slot_ = before_running_;
    begin_again_at_ = now + begin_again_after.count();
    return step;
  }
  return with_notes(std::move(step), wanted ? start_due(now) : tick(now));
}

std::optional<time_ms> variant_life::next_alarm(time_ms now) const {
  auto alarm = begin_again_at_;
  auto add = [&](std::optional<time_ms> at) {
    if (at)
      alarm = alarm ? std::min(*alarm, *at) : *at;
  };
  if (what_.paused)
    return alarm;
  if (is_to_be_stopped()) {
    add(stop_again_at_);
    return alarm;
  }
  auto next = next_slot(plan_, settled_slot(), now);
  auto dark_until = next && *next <= now ? blackout_end(plan_, now) : std::nullopt;
  add(dark_until ? dark_until : next);
  add(retry_due(now));
  return alarm;
}

variant_step variant_life::start(std::optional<time_ms> slot) {
  variant_step step;
  step.start = variant_step::start_run{slot};
  if (slot)
    step.start->missed = slots_between(plan_, last_slot_, *slot);
  active_ = true;
  begin_again_at_.reset();
  queued_slot_.reset();
  running_slot_ = slot;
  before_running_ = last_slot_;
  if (slot)
    last_slot_ = slot;
  return step;
}

uint32_t variant_life::retries() const {
  return plan_.rules ? plan_.rules->rules().retry.tries : 0;
}

bool variant_life::is_to_be_stopped() const {
  return !active_ && is_to_stop(plan_, failing_.fails);
}

// The latest slot that need not ring any more.
std::optional<time_ms> variant_life::settled_slot() const {
  return queued_slot_ ? queued_slot_ : last_slot_;
}

std::optional<time_ms> variant_life::passed_slot(time_ms now) const {
  auto slot = next_slot(plan_, active_ ? settled_slot() : last_slot_, now);
  return slot && *slot <= now ? slot : std::nullopt;
}

// What waited for the end of a run is not late by its own fault.
bool variant_life::is_late(time_ms slot, time_ms now) const {
  return is_too_late(plan_, slot, now) && !(queued_slot_ && slot <= *queued_slot_);
}

std::optional<time_ms> variant_life::due_slot(time_ms now) const {
  if (what_.paused || is_to_be_stopped())
    return std::nullopt;
  auto slot = passed_slot(now);
  return slot && !is_late(*slot, now) && !blackout_end(plan_, now) ? slot : std::nullopt;
}

std::optional<time_ms> variant_life::retry_due(time_ms now) const {
  if (active_ || failing_.failed_at < 0)
    return std::nullopt;
  auto at = retry_at(plan_, what_.id, failing_.failed_at, failing_.retries);
  auto end = at && *at <= now ? blackout_end(plan_, now) : std::nullopt;
  return end ? end : at;
}

} // namespace varia
