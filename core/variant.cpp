#include "core/variant.hpp"

#include "core/frequency.hpp"
#include "core/schedule.hpp"

#include <utility>

namespace varia {

namespace {

uint64_t period_of(const std::string& frequency) {
  auto period = parse_frequency(frequency);
  return period ? static_cast<uint64_t>(period->count()) : 0;
}

// What cannot be read was written by a later version: the contract's rules are better than none.
schedule_rules read_rules(const std::string& packed) {
  auto rules = unpack_rules(packed);
  return rules ? std::move(*rules) : schedule_rules{};
}

} // namespace

timing timing_of(const std::string& frequency, const std::string& schedule, time_ms since) {
  auto rules = read_rules(schedule);
  if (!rules.cron.empty())
    return {0, schedule, since};
  auto every = std::exchange(rules.every, {});
  return {period_of(every.empty() ? frequency : every), pack_rules(rules), since};
}

timing in_effect(const variant_entry& entry, const timing& of_function) {
  auto result = of_function;
  auto rules = read_rules(entry.schedule.empty() ? of_function.rules : entry.schedule);
  auto every = std::exchange(rules.every, {});
  if (!entry.frequency.empty())
    every = entry.frequency;
  if (!every.empty()) {
    result.period_ms = period_of(every);
    rules.cron.clear();
  } else if (entry.schedule.empty()) {
    return result;
  } else if (!rules.cron.empty()) {
    result.period_ms = 0;
  } else {
    // It says nothing of when: that is the function's business.
    auto theirs = read_rules(of_function.rules);
    rules.cron = theirs.cron;
    rules.time_zone = theirs.time_zone;
    result.rules = pack_rules(rules);
    return result;
  }
  result.rules = pack_rules(rules);
  result.since = entry.since;
  return result;
}

schedule schedule_of(const assignment& x) {
  return make_schedule(x.id, x.anchor, milliseconds{x.due.period_ms}, x.due.since,
                       share_rulebook(x.due.rules));
}

} // namespace varia
