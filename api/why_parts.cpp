#include "api/why_parts.hpp"

#include "api/connection_text.hpp"
#include "api/run_text.hpp"
#include "api/schedule_text.hpp"
#include "api/sync_status.hpp"
#include "core/rulebook.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cstdlib>
#include <set>
#include <utility>

namespace varia {

std::string in_words(milliseconds span) {
  auto ms = std::max<int64_t>(span.count(), 0);
  if (ms < 1000)
    return fmt::format("{} ms", ms);
  auto seconds = ms / 1000;
  if (seconds < 60)
    return fmt::format("{} s", seconds);
  auto of = [](int64_t big, const char* name, int64_t small, const char* rest) {
    return small == 0 ? fmt::format("{} {}", big, name)
                      : fmt::format("{} {} {} {}", big, name, small, rest);
  };
  if (seconds < 3600)
    return of(seconds / 60, "min", seconds % 60, "s");
  if (seconds < 86'400)
    return of(seconds / 3600, "h", seconds / 60 % 60, "min");
  return of(seconds / 86'400, "d", seconds / 3600 % 24, "h");
}

namespace why {

namespace {

std::string ago(time_ms at, time_ms now) {
  return in_words(milliseconds{now - at}) + " ago";
}

// Without the milliseconds, which nobody asks for here.
std::string clock_of(time_ms at) {
  auto text = to_iso_z(at);
  return text.substr(0, text.find('.')) + "Z";
}

std::string source_of(const why_facts& x) {
  if (!x.entry.frequency.empty())
    return "by a frequency of its own";
  auto own = unpack_rules(x.entry.schedule);
  if (own && (!own->every.empty() || !own->cron.empty()))
    return "by a schedule of its own";
  return "as its function says";
}

std::string counts_of(const std::map<std::string, change_counts>& result) {
  change_counts all;
  for (auto& [model, counts] : result) {
    all.added += counts.added;
    all.updated += counts.updated;
    all.deleted += counts.deleted;
  }
  return fmt::format("{} added, {} updated, {} deleted", all.added, all.updated, all.deleted);
}

const char* verb_of(run_outcome x) {
  switch (x) {
    case run_outcome::running: return "runs";
    case run_outcome::success: return "succeeded";
    case run_outcome::failed: return "failed";
    case run_outcome::cancelled: return "was cancelled";
    case run_outcome::interrupted: return "was interrupted";
  }
  return "";
}

std::string error_of(const why_facts& x) {
  auto error = stored_json(x.state.error, json::object());
  return error.is_object() ? text_at(error, "description") : std::string{};
}

} // namespace

std::optional<time_ms> due_slot(const why_facts& x) {
  if (!x.deployed || x.entry.paused)
    return std::nullopt;
  auto plan = schedule_of(x.entry, x.of());
  auto slot = next_slot(plan, x.state.last_slot, x.held.now);
  if (!slot || *slot > x.held.now || is_too_late(plan, *slot, x.held.now)
      || blackout_end(plan, x.held.now))
    return std::nullopt;
  return slot;
}

bool is_dark(const why_facts& x) {
  auto plan = schedule_of(x.entry, x.of());
  auto slot = next_slot(plan, x.state.last_slot, x.held.now);
  return slot && *slot <= x.held.now && blackout_end(plan, x.held.now);
}

const worker_info* worker_of(const why_facts& x) {
  if (!x.cluster)
    return nullptr;
  auto& all = x.cluster->workers;
  auto found = std::find_if(all.begin(), all.end(),
                            [&](auto& w) { return w.worker == x.state.placement.worker; });
  return found == all.end() ? nullptr : &*found;
}

std::string moment(time_ms at, time_ms now) {
  return at > now ? fmt::format("in {} ({})", in_words(milliseconds{at - now}), clock_of(at))
                  : fmt::format("{} ({})", ago(at, now), clock_of(at));
}

std::string counted(uint64_t count, const std::string& one, const std::string& many) {
  if (count == 0)
    return "no " + many;
  return std::to_string(count) + ' ' + (count == 1 ? one : many);
}

std::string about_schedule(const why_facts& x) {
  if (!x.deployed)
    return {};
  auto rules = rules_in_effect(x.entry, x.of());
  if (!rules.cron.empty())
    return fmt::format("Schedule: \"{}\" by the clocks of {}, {}.", rules.cron, rules.time_zone,
                       source_of(x));
  if (rules.every.empty())
    return "Schedule: none.";
  return fmt::format("Schedule: {}, {}.", rules.every, source_of(x));
}

std::string about_pause(const why_facts& x) {
  if (!x.entry.paused)
    return {};
  return fmt::format("Paused: {}. It runs only when it is triggered.",
                     x.entry.pause_reason.empty() ? "somebody asked for it" : x.entry.pause_reason);
}

std::string about_placement(const why_facts& x) {
  auto& name = x.state.placement.worker;
  if (name.empty())
    return {};
  auto host = worker_of(x);
  if (!x.cluster)
    return fmt::format("Placement: {} hosts it. No coordinator leads at this moment, so nobody "
                       "tells how that one is.",
                       name);
  if (host == nullptr || !host->alive)
    return fmt::format("Placement: {} hosts it, but is not alive. Another worker will take it, and "
                       "go on from its checkpoint.",
                       name);
  return fmt::format("Placement: {} hosts it, {}{} of {} slots are in use, and {}.", name,
                     host->duty == "active" ? "" : "which is " + host->duty + "; ",
                     host->load.running, host->load.slots,
                     counted(host->load.queued, "run waits", "runs wait"));
}

std::string about_limits(const why_facts& x) {
  std::string result;
  auto tell = [&](const gate_place& at, const char* whose) {
    if (at.inside == 0 && !at.waits)
      return;
    result += result.empty() ? "Limits: " : "; ";
    result += fmt::format("{} against the limit of its {}",
                          counted(at.inside, "run counts", "runs count"), whose);
  };
  tell(x.held.of_connection, "connection");
  tell(x.held.of_integration, "integration");
  return result.empty() ? result : result + ".";
}

std::string about_budget(const why_facts& x) {
  auto& held = x.held;
  if (held.paused_until > 0)
    return fmt::format("Budget: the provider wants no requests of this connection for {} (until "
                       "{}): {}.",
                       in_words(milliseconds{held.paused_until - held.now}),
                       clock_of(held.paused_until), held.pause_reason);
  if (held.requests == 0)
    return {};
  return fmt::format(
    "Budget: its connection may make {} in {}; {} of them are used at this "
    "moment, and {}.",
    counted(held.requests, "request", "requests"), in_words(held.per), held.granted,
    counted(held.row, "variant waits for its turn", "variants wait for their turn"));
}

std::string about_credentials(const why_facts& x) {
  if (x.held.refusals == 0)
    return {};
  return fmt::format("Credentials: they could not be renewed {} in a row; the next try may be made "
                     "{}.",
                     x.held.refusals == 1 ? "once" : std::to_string(x.held.refusals) + " times",
                     moment(x.held.refused_until, x.held.now));
}

std::string about_last_run(const why_facts& x) {
  if (!x.state.last_outcome)
    return "Last run: none yet.";
  if (*x.state.last_outcome == run_outcome::running)
    return {};
  auto took = in_words(milliseconds{x.state.finished_at - x.state.started_at});
  auto when = ago(x.state.finished_at, x.held.now);
  auto head = fmt::format("Last run: run {} {} {} after {}", x.state.run,
                          verb_of(*x.state.last_outcome), when, took);
  auto error = error_of(x);
  if (*x.state.last_outcome == run_outcome::success)
    return fmt::format("{}: {}.", head, counts_of(x.state.result));
  return error.empty() ? head + "." : fmt::format("{}: {}", head, error);
}

// The newest reason why a slot had no run since the last run began.
std::string about_what_was_left_out(const why_facts& x) {
  static const std::set<std::string> reasons{"skipped",  "queued", "missed",
                                             "blackout", "paused", "deferred"};
  for (auto& entry : x.history) {
    if (entry.what == "started")
      return {};
    if (reasons.count(entry.what) > 0)
      return fmt::format("Since then: {} {}: {}.", entry.what,
                         ago(std::strtoll(entry.id.c_str(), nullptr, 10), x.held.now),
                         text_at(run_text(entry), "reason"));
  }
  return {};
}

std::string about_failures(const why_facts& x) {
  if (x.state.fails == 0)
    return {};
  auto rules = rules_in_effect(x.entry, x.of());
  auto result = fmt::format("Failures: {} in a row", x.state.fails);
  if (rules.retry.tries > 0)
    result += fmt::format("; {} of {} retries were made", x.state.retries, rules.retry.tries);
  if (rules.stop_after > 0)
    result += fmt::format("; {} in a row pause it", rules.stop_after);
  return result + ".";
}

std::string about_next_run(const why_facts& x) {
  if (x.entry.paused || !x.deployed)
    return "Next run: when it is started or triggered.";
  auto next = next_run_of(x.entry, x.of(), x.held.now);
  if (!next)
    return "Next run: when it is triggered.";
  return fmt::format("Next run by its schedule: {}.", moment(*next, x.held.now));
}

} // namespace why

} // namespace varia
