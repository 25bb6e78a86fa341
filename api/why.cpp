#include "api/why.hpp"

#include "api/schedule_text.hpp"
#include "api/sync_status.hpp"
#include "api/why_parts.hpp"
#include "core/rulebook.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <utility>

namespace varia {

using namespace why;

namespace {

constexpr std::array verdict_words{
  "runs",           "waits_for_provider", "has_no_worker",      "waits_for_limit",
  "waits_for_slot", "is_about_to_run",    "is_paused",          "has_no_function",
  "is_in_blackout", "waits_for_retry",    "waits_for_schedule", "waits_for_trigger"};

bool is_running(const why_facts& x) {
  return x.state.last_outcome == run_outcome::running;
}

// Whether a run would begin if nothing stood in its way.
bool is_wanted(const why_facts& x) {
  if (x.held.wanted > 0 || x.held.events > 0 || x.state.last_outcome == run_outcome::interrupted)
    return true;
  if (x.entry.paused || !x.deployed)
    return false;
  auto retry = next_retry_of(x.entry, x.state, x.of());
  return due_slot(x).has_value() || (retry && *retry <= x.held.now);
}

verdict judge_wanted(const why_facts& x) {
  if (x.held.of_connection.waits || x.held.of_integration.waits)
    return verdict::waits_for_limit;
  auto host = worker_of(x);
  if (host && host->load.slots > 0 && host->load.running >= host->load.slots)
    return verdict::waits_for_slot;
  return verdict::is_about_to_run;
}

std::string sentence_of_run(const why_facts& x) {
  return fmt::format("It runs: run {}{} began {} ago on {}.", x.state.run,
                     x.held.handles_event ? ", for an event," : "",
                     in_words(milliseconds{x.held.now - x.state.started_at}),
                     x.state.placement.worker);
}

std::string sentence_of_wish(const why_facts& x) {
  if (x.held.wanted > 0)
    return fmt::format("It was triggered {} ago{}",
                       in_words(milliseconds{x.held.now - x.held.asked_at}),
                       x.held.wanted > 1 ? ", with reset" : "");
  if (x.held.events > 0)
    return "An event waits to be handled";
  if (x.state.last_outcome == run_outcome::interrupted)
    return "Its last run was interrupted and is to go on";
  if (auto slot = due_slot(x))
    return fmt::format("It has been due for {}", in_words(milliseconds{x.held.now - *slot}));
  return "Its failed run is to be made again";
}

std::string sentence_of_limit(const why_facts& x) {
  auto& at = x.held.of_connection.waits ? x.held.of_connection : x.held.of_integration;
  return fmt::format("{}, and waits for the limit of concurrent runs of its {}: {} there, and {} "
                     "before it.",
                     sentence_of_wish(x), x.held.of_connection.waits ? "connection" : "integration",
                     counted(at.inside, "run counts", "runs count"),
                     counted(at.ahead, "other stands", "others stand"));
}

std::string sentence_of_slots(const why_facts& x) {
  auto& load = worker_of(x)->load;
  return fmt::format("{}, and waits for a free slot on {}: all {} are in use, and {} (the longest "
                     "for {}).",
                     sentence_of_wish(x), x.state.placement.worker, load.slots,
                     counted(load.queued, "run waits", "runs wait"),
                     in_words(milliseconds{load.longest_wait_ms}));
}

std::string sentence_without_worker(const why_facts& x) {
  if (!x.cluster)
    return "No worker hosts it, and no coordinator leads that could give it one.";
  auto& all = x.cluster->workers;
  auto takes = [](const worker_info& w) { return w.alive && w.duty == "active"; };
  if (std::any_of(all.begin(), all.end(), takes))
    return "No worker hosts it at this moment; it will be given one.";
  if (std::any_of(all.begin(), all.end(), [](auto& w) { return w.alive; }))
    return "No worker hosts it, and none may take it: all of them are cordoned or drained.";
  return "No worker hosts it: none is alive.";
}

std::string sentence_of_retry(const why_facts& x) {
  return fmt::format("Its last run failed, and is made again {}.",
                     moment(*next_retry_of(x.entry, x.state, x.of()), x.held.now));
}

std::string sentence_of_blackout(const why_facts& x) {
  auto end = blackout_end(schedule_of(x.entry, x.of()), x.held.now);
  return fmt::format("It is due, and waits for the end of a blackout {}.",
                     moment(end.value_or(x.held.now), x.held.now));
}

std::string sentence_of_schedule_wait(const why_facts& x) {
  auto next = next_run_of(x.entry, x.of(), x.held.now);
  return fmt::format("It waits for its schedule: the next run is due {}.",
                     moment(next.value_or(x.held.now), x.held.now));
}

std::string sentence_of(verdict which, const why_facts& x) {
  switch (which) {
    case verdict::runs: return sentence_of_run(x);
    case verdict::waits_for_provider:
      return sentence_of_run(x) + " Its next request waits for its turn at the provider.";
    case verdict::has_no_worker: return sentence_without_worker(x);
    case verdict::waits_for_limit: return sentence_of_limit(x);
    case verdict::waits_for_slot: return sentence_of_slots(x);
    case verdict::is_about_to_run: return sentence_of_wish(x) + ", and is about to run.";
    case verdict::is_paused:
      return fmt::format("It is paused: {}.", x.entry.pause_reason.empty() ? "somebody asked for it"
                                                                           : x.entry.pause_reason);
    case verdict::has_no_function: return "It cannot run: its function is not deployed any more.";
    case verdict::is_in_blackout: return sentence_of_blackout(x);
    case verdict::waits_for_retry: return sentence_of_retry(x);
    case verdict::waits_for_schedule: return sentence_of_schedule_wait(x);
    case verdict::waits_for_trigger: return "It has no schedule, and runs when it is triggered.";
  }
  return {};
}

} // namespace

const char* to_string(verdict x) {
  return verdict_words[static_cast<size_t>(x)];
}

verdict judge(const why_facts& x) {
  if (is_running(x))
    return x.held.waits_for_request ? verdict::waits_for_provider : verdict::runs;
  if (!x.deployed)
    return verdict::has_no_function;
  if (x.state.placement.worker.empty())
    return verdict::has_no_worker;
  if (is_wanted(x))
    return judge_wanted(x);
  if (x.entry.paused)
    return verdict::is_paused;
  if (is_dark(x))
    return verdict::is_in_blackout;
  if (next_retry_of(x.entry, x.state, x.of()))
    return verdict::waits_for_retry;
  return next_run_of(x.entry, x.of(), x.held.now) ? verdict::waits_for_schedule
                                                  : verdict::waits_for_trigger;
}

std::vector<std::string> explain(const why_facts& x) {
  auto which = judge(x);
  std::vector<std::string> result{sentence_of(which, x)};
  auto add = [&result](std::string text) {
    if (!text.empty())
      result.push_back(std::move(text));
  };
  add(about_schedule(x));
  if (which != verdict::is_paused)
    add(about_pause(x));
  add(about_placement(x));
  add(about_limits(x));
  add(about_budget(x));
  add(about_credentials(x));
  add(about_last_run(x));
  add(about_what_was_left_out(x));
  add(about_failures(x));
  if (which != verdict::waits_for_schedule)
    add(about_next_run(x));
  return result;
}

} // namespace varia
