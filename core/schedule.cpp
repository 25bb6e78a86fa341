#include "core/schedule.hpp"

#include <algorithm>
#include <utility>

namespace varia {

namespace {

constexpr milliseconds jitter_max = std::chrono::minutes{5};
constexpr uint32_t count_max = 1000;

// A blackout that ends lets the next one begin; so many of them without a run are looked through.
constexpr int steps_max = 10'000;

// FNV-1a: unlike std::hash it is the same in every build, so a new release moves no schedule.
uint64_t stable_hash(const std::string& text) {
  uint64_t hash = 0xcbf29ce484222325;
  for (auto c : text) {
    hash ^= static_cast<unsigned char>(c);
    hash *= 0x100000001b3;
  }
  return hash;
}

milliseconds share_of(const std::string& variant_id, milliseconds spread) {
  if (spread <= milliseconds{0})
    return milliseconds{0};
  return milliseconds{
    static_cast<int64_t>(stable_hash(variant_id) % static_cast<uint64_t>(spread.count()))};
}

bool has_cron(const schedule& plan) {
  return plan.period <= milliseconds{0} && plan.rules && plan.rules->has_cron();
}

bool is_never_due(const schedule& plan) {
  return plan.period <= milliseconds{0} && !has_cron(plan);
}

// Slot k >= 1 lies at anchor + jitter + k * period. The number of the latest one that is not after
// `now`, or 0.
int64_t slots_passed(const schedule& plan, time_ms now) {
  auto origin = plan.anchor + plan.jitter.count();
  return now <= origin ? 0 : (now - origin) / plan.period.count();
}

time_ms slot_at(const schedule& plan, int64_t number) {
  return plan.anchor + plan.jitter.count() + number * plan.period.count();
}

std::optional<time_ms> cron_slot_after(const schedule& plan, time_ms at) {
  auto found = plan.rules->next(at - plan.jitter.count());
  return found ? std::optional{*found + plan.jitter.count()} : std::nullopt;
}

// A cron text is read forwards only: we step back until there is something to go forward to.
std::optional<time_ms> latest_cron_slot(const schedule& plan, time_ms after, time_ms now) {
  std::optional<time_ms> found;
  for (time_ms span = 60'000; !found; span *= 2) {
    auto from = std::max(after, now - span);
    found = cron_slot_after(plan, from);
    if (found && *found > now)
      found.reset();
    if (from == after)
      break;
  }
  for (auto next = found; next && *next <= now; next = cron_slot_after(plan, *next))
    found = next;
  return found;
}

std::optional<time_ms> latest_slot(const schedule& plan, time_ms after, time_ms now) {
  if (has_cron(plan))
    return latest_cron_slot(plan, after, now);
  auto passed = slots_passed(plan, now);
  return passed > 0 && slot_at(plan, passed) > after ? std::optional{slot_at(plan, passed)}
                                                     : std::nullopt;
}

// Slots up to this moment do not count any more; nothing for a variant that is to run right away.
std::optional<time_ms> settled_until(const schedule& plan, std::optional<time_ms> last) {
  if (last)
    return std::max(*last, plan.since);
  if (has_cron(plan))
    return std::max(plan.anchor, plan.since);
  return std::nullopt;
}

} // namespace

schedule make_schedule(const std::string& variant_id, time_ms anchor, milliseconds period,
                       time_ms since, std::shared_ptr<const rulebook> rules) {
  auto jitter = jitter_of(variant_id, period);
  if (rules && rules->rules().jitter)
    jitter = share_of(variant_id, *rules->rules().jitter);
  else if (rules && period <= milliseconds{0})
    jitter = share_of(variant_id, rules->spread());
  return {anchor, period, jitter, since, std::move(rules)};
}

milliseconds jitter_of(const std::string& variant_id, milliseconds period) {
  return share_of(variant_id, std::min(period / 10, jitter_max));
}

std::optional<time_ms> next_slot(const schedule& plan, std::optional<time_ms> last, time_ms now) {
  if (is_never_due(plan))
    return std::nullopt;
  auto settled = settled_until(plan, last);
  if (!settled)
    return plan.anchor;
  if (auto passed = latest_slot(plan, *settled, now))
    return passed;
  return slot_after(plan, *settled);
}

std::optional<time_ms> slot_after(const schedule& plan, time_ms now) {
  if (is_never_due(plan))
    return std::nullopt;
  if (has_cron(plan))
    return cron_slot_after(plan, now);
  return slot_at(plan, slots_passed(plan, now) + 1);
}

uint32_t slots_between(const schedule& plan, std::optional<time_ms> last, time_ms before) {
  auto settled = settled_until(plan, last);
  if (!settled || is_never_due(plan))
    return 0;
  uint32_t count = 0;
  for (auto next = slot_after(plan, *settled); next && *next < before && count < count_max;
       next = slot_after(plan, *next))
    ++count;
  return count;
}

bool is_too_late(const schedule& plan, time_ms slot, time_ms now) {
  return plan.rules && plan.rules->rules().catch_up
         && now - slot > plan.rules->rules().catch_up->count();
}

std::optional<time_ms> blackout_end(const schedule& plan, time_ms at) {
  return plan.rules ? plan.rules->blackout_end(at) : std::nullopt;
}

std::vector<planned_run> preview(const schedule& plan, std::optional<time_ms> last, time_ms now,
                                 size_t count) {
  std::vector<planned_run> result;
  for (auto i = 0; i < steps_max && result.size() < count; ++i) {
    auto slot = next_slot(plan, last, now);
    if (!slot)
      break;
    now = std::max(now, *slot);
    if (auto end = blackout_end(plan, now)) {
      now = *end;
      continue;
    }
    if (!is_too_late(plan, *slot, now))
      result.push_back({now, *slot});
    last = slot;
  }
  return result;
}

std::optional<time_ms> retry_at(const schedule& plan, const std::string& variant_id,
                                time_ms failed_at, uint32_t retries) {
  if (!plan.rules || failed_at < plan.since)
    return std::nullopt;
  auto& rules = plan.rules->rules().retry;
  if (retries >= rules.tries)
    return std::nullopt;
  auto wait = std::min(rules.first, rules.max);
  for (uint32_t i = 0; i < retries && wait < rules.max; ++i)
    wait = std::min(wait * rules.factor_percent / 100, rules.max);
  return failed_at + wait.count() + jitter_of(variant_id, wait).count();
}

bool is_to_stop(const schedule& plan, uint32_t failures) {
  return plan.rules && plan.rules->rules().stop_after > 0
         && failures >= plan.rules->rules().stop_after;
}

} // namespace varia
