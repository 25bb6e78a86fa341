#include "core/rulebook.hpp"

#include "core/frequency.hpp"

#include <fmt/format.h>
#include <spdlog/spdlog.h>

#include <algorithm>
#include <mutex>
#include <unordered_map>
#include <utility>

namespace varia {

namespace {

using namespace std::chrono_literals;
using std::chrono::hours;

constexpr hours day_length{24};
constexpr milliseconds jitter_max = day_length;
constexpr milliseconds catch_up_max = 31 * day_length;
constexpr milliseconds blackout_max = 31 * day_length;
constexpr milliseconds retry_max = 7 * day_length;
constexpr size_t blackouts_max = 20;
constexpr uint32_t tries_max = 100;
constexpr uint32_t failures_max = 1000;
constexpr uint32_t day_minutes = 24 * 60;

// Blackouts that follow upon each other are looked through so far.
constexpr int chained_max = 1000;

// Some moments of a cron text, from 2024 on, tell how close they lie.
constexpr time_ms sample_from = 1'704'067'200'000;
constexpr int sample_size = 60;
constexpr milliseconds spread_max = 5min;

// The daylight-saving changes of a zone lie within so much of a moment of the day before.
constexpr milliseconds look_back = 2 * day_length;

caf::error refuse(const char* words) {
  return fail(errc::invalid, words);
}

bool is_between(milliseconds x, milliseconds least, milliseconds most) {
  return least <= x && x <= most;
}

caf::error check_limits(const schedule_rules& x) {
  if (x.jitter && !is_between(*x.jitter, 0ms, jitter_max))
    return refuse("a jitter is a day at most");
  if (x.catch_up && !is_between(*x.catch_up, 1s, catch_up_max))
    return refuse("what is late is made up for within 1 second to 31 days");
  if (x.blackouts.size() > blackouts_max)
    return refuse("a schedule has at most 20 blackouts");
  if (x.stop_after > failures_max)
    return refuse("a variant is stopped after 1000 failures at most");
  auto& retry = x.retry;
  if (retry.tries > tries_max)
    return refuse("a run is tried again 100 times at most");
  if (retry.tries > 0 && !is_between(retry.first, 1s, retry_max))
    return refuse("the first wait of a retry is 1 second to 7 days");
  if (retry.tries > 0 && !is_between(retry.max, retry.first, retry_max))
    return refuse("the longest wait of a retry is at least the first and at most 7 days");
  if (retry.tries > 0 && (retry.factor_percent < 100 || retry.factor_percent > 1000))
    return refuse("the factor of a retry is 1 to 10");
  return {};
}

expected<cron> time_of_day(uint32_t minute, const std::string& days) {
  if (minute >= day_minutes)
    return fail(errc::invalid, "a blackout is from one time of the day to another");
  return cron::parse(fmt::format("{} {} * * {}", minute % 60, minute / 60, days));
}

} // namespace

caf::error rulebook::read_timing() {
  if (!rules_.every.empty() && !rules_.cron.empty())
    return refuse("a schedule has either a frequency or a cron text");
  if (!rules_.every.empty()) {
    auto period = parse_frequency(rules_.every);
    if (!period)
      return std::move(period.error());
    if (rules_.jitter.value_or(0ms) > *period)
      return refuse("a jitter is not longer than the period");
  }
  auto zone = time_zone::find(rules_.time_zone);
  if (!zone)
    return std::move(zone.error());
  zone_ = *zone;
  if (rules_.cron.empty())
    return {};
  auto parsed = cron::parse(rules_.cron);
  if (!parsed)
    return std::move(parsed.error());
  cron_ = std::move(*parsed);
  auto shortest = 10 * spread_max;
  auto last = next(sample_from);
  for (auto i = 0; last && i < sample_size; ++i) {
    auto following = next(*last);
    if (following)
      shortest = std::min(shortest, milliseconds{*following - *last});
    last = following;
  }
  spread_ = shortest / 10;
  return {};
}

caf::error rulebook::read_blackout(const blackout& x) {
  auto zone = time_zone::find(x.time_zone);
  if (!zone)
    return std::move(zone.error());
  auto is_weekly = x.cron.empty();
  auto begin = is_weekly ? time_of_day(x.from, x.days) : cron::parse(x.cron);
  if (!begin)
    return std::move(begin.error());
  if (!is_weekly && !is_between(x.lasts, 1min, blackout_max))
    return refuse("a blackout lasts 1 minute to 31 days");
  dark_time result{*zone, std::move(*begin), std::nullopt, x.lasts};
  if (is_weekly) {
    auto end = time_of_day(x.to, "*");
    if (!end)
      return std::move(end.error());
    result.end = std::move(*end);
  }
  dark_times_.push_back(std::move(result));
  return {};
}

expected<std::shared_ptr<const rulebook>> rulebook::make(schedule_rules rules) {
  if (auto why = check_limits(rules))
    return why;
  std::shared_ptr<rulebook> result{new rulebook{std::move(rules)}};
  if (auto why = result->read_timing())
    return why;
  for (auto& each : result->rules_.blackouts)
    if (auto why = result->read_blackout(each))
      return why;
  auto end = result->blackout_end(sample_from);
  if (end && result->blackout_end(*end))
    return fail(errc::invalid, "the blackouts never end");
  return std::shared_ptr<const rulebook>{std::move(result)};
}

std::optional<time_ms> rulebook::next(time_ms after) const {
  return cron_ ? cron_->next(after, zone_) : std::nullopt;
}

// The end of the stretch that this moment lies in. One that ends at a time of the day lasts a day
// at most, and one that begins while another lasts makes it longer.
std::optional<time_ms> rulebook::end_of(const dark_time& x, time_ms at) {
  auto from = at - (x.end ? milliseconds{look_back} : x.lasts).count();
  auto begin = x.begin.next(from, x.zone);
  while (begin && *begin <= at) {
    auto end = x.end ? x.end->next(*begin, x.zone) : std::optional{*begin + x.lasts.count()};
    if (end && *end > at)
      return end;
    begin = x.begin.next(*begin, x.zone);
  }
  return std::nullopt;
}

std::optional<time_ms> rulebook::blackout_end(time_ms at) const {
  auto end = at;
  for (auto i = 0; i < chained_max; ++i) {
    auto before = end;
    for (auto& each : dark_times_)
      end = std::max(end, end_of(each, end).value_or(end));
    if (end == before)
      break;
  }
  return end > at ? std::optional{end} : std::nullopt;
}

std::shared_ptr<const rulebook> share_rulebook(const std::string& packed) {
  static std::mutex mutex;
  static std::unordered_map<std::string, std::weak_ptr<const rulebook>> known;
  static size_t sweep_at = 64;
  if (packed.empty())
    return nullptr;
  std::lock_guard guard{mutex};
  auto& entry = known[packed];
  if (auto there = entry.lock())
    return there;
  auto rules = unpack_rules(packed);
  auto made = rules ? rulebook::make(std::move(*rules)) : rules.error();
  if (!made) {
    spdlog::warn("a schedule has no effect here: {}", describe(made.error()));
    made = rulebook::make({});
  }
  entry = *made;
  // What nobody has any more would pile up.
  if (known.size() > sweep_at) {
    for (auto at = known.begin(); at != known.end();)
      at = at->second.expired() ? known.erase(at) : std::next(at);
    sweep_at = 2 * known.size();
  }
  return *made;
}

} // namespace varia
