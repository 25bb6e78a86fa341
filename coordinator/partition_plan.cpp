#include "coordinator/partition_plan.hpp"

#include <algorithm>
#include <set>
#include <utility>

namespace varia {

namespace {

// What is there, told apart by who made it.
struct owners {
  std::vector<variant_entry> ours;
  std::set<std::string> of_others;
};

owners tell_apart(const std::vector<variant_entry>& present) {
  owners result;
  for (auto& x : present) {
    if (x.key.name == base_variant)
      continue;
    if (x.discovered)
      result.ours.push_back(x);
    else
      result.of_others.insert(x.key.name);
  }
  return result;
}

variant_order put(const std::string& name) {
  variant_order result;
  result.verb = order_verb::put;
  result.name = name;
  result.id = make_uuid();
  result.discovered = true;
  return result;
}

variant_order wish_of(const partition& x, bool starts_paused) {
  auto result = put(x.name);
  result.starts_paused = starts_paused;
  result.sets_frequency = x.frequency.has_value();
  result.frequency = x.frequency.value_or("");
  result.sets_settings = x.settings.has_value();
  result.settings = x.settings.value_or("");
  return result;
}

// Until when a variant without a partition stays.
time_ms gone_since(const partitions_row& row, const std::string& name) {
  auto known = row.missing.find(name);
  return known == row.missing.end() ? row.found_at : known->second;
}

} // namespace

partition_step next_step(const partitions_row& row, const std::string& sha, time_ms now,
                         const partition_rules& rules) {
  using kind = partition_step::kind;
  auto next = row.asked_at + rules.every.count();
  auto waits = row.asked_at > row.answered_at;
  auto lost_at = row.asked_at + rules.patience.count();
  if (row.found_at > row.done_at && row.sha == sha)
    return {kind::act, std::max(next, now)};
  if (waits && now < lost_at)
    return {kind::rest, lost_at};
  if (row.sha != sha || waits)
    return {kind::ask, now + rules.every.count()};
  if (row.outcome == partitions_outcome::absent)
    return {kind::rest, 0};
  if (now < next)
    return {kind::rest, next};
  return {kind::ask, now + rules.every.count()};
}

partition_plan plan_partitions(const partitions_row& row, const std::vector<variant_entry>& present,
                               bool starts_paused, size_t named_max, const partition_rules& rules) {
  partition_plan result;
  auto [ours, of_others] = tell_apart(present);
  std::vector<variant_order> wanted;
  std::set<std::string> told;
  for (auto& x : row.found) {
    told.insert(x.name);
    if (of_others.count(x.name) > 0)
      result.foreign.push_back(x.name);
    else
      wanted.push_back(wish_of(x, starts_paused));
  }
  std::map<std::string, time_ms> over;
  for (auto& x : ours) {
    auto& name = x.key.name;
    if (told.count(name) > 0)
      continue;
    auto since = gone_since(row, name);
    auto is_over = row.found_at - since >= rules.grace.count();
    (is_over ? over : result.missing)[name] = since;
    if (!is_over)
      wanted.push_back(put(name));
  }
  plan_rules limits;
  limits.named_max = named_max - std::min(named_max, of_others.size());
  limits.delete_max_percent = rules.delete_max_percent;
  limits.force = row.force;
  result.plan = plan_variants(ours, wanted, limits);
  result.guarded = result.plan.guarded;
  if (!result.guarded)
    return result;
  limits.may_delete = false;
  result.plan = plan_variants(ours, wanted, limits);
  result.missing.insert(over.begin(), over.end());
  return result;
}

} // namespace varia
