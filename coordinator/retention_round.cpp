#include "coordinator/retention_round.hpp"

#include <algorithm>
#include <iterator>
#include <utility>

namespace varia {

namespace {

// What one call reads or changes at most: a millisecond or two of Redis.
constexpr size_t syncs_max = 100;
constexpr size_t states_max = 50;
constexpr size_t pruned_max = 250;
constexpr size_t buried_max = 20;

// Nothing if that never happens, or not in the time since 1970.
std::optional<time_ms> since(time_ms now, milliseconds age) {
  if (age.count() == 0 || age.count() >= now)
    return std::nullopt;
  return now - age.count();
}

// The store decides again; this spares it the calls that are hopeless.
bool is_idle(const variant_state& state, time_ms since) {
  return state.started_at > 0 && !is_open(state)
         && std::max(state.started_at, state.finished_at) < since;
}

} // namespace

retention_round::retention_round(const retention_rules& rules, time_ms now)
  : idle_since_{since(now, rules.purge_after)} {
  if (auto changed_since = since(now, rules.prune_after))
    until_ = first_place_at(*changed_since) - 1;
}

std::optional<retention_step> retention_round::next() const {
  if (!work_.empty())
    return work_.front();
  if (!variants_.empty())
    return read_states{
      {variants_.begin(), variants_.begin() + static_cast<ptrdiff_t>(states_next())}};
  if (!syncs_.empty() && !is_buried_)
    return bury_variants{syncs_.front(), buried_max};
  if (!syncs_.empty())
    return find_variants{syncs_.front()};
  if (at_end_)
    return std::nullopt;
  return find_syncs{last_, syncs_max};
}

void retention_round::found(std::vector<sync_id> syncs) {
  at_end_ = syncs.empty();
  if (at_end_)
    return;
  last_ = syncs.back();
  std::move(syncs.begin(), syncs.end(), std::back_inserter(syncs_));
}

// Where all records are kept for ever there is nothing more to look at.
void retention_round::buried(size_t variants) {
  totals_.buried += variants;
  is_buried_ = variants < buried_max;
  if (is_buried_ && !idle_since_ && !until_)
    leave_sync();
}

void retention_round::leave_sync() {
  syncs_.pop_front();
  is_buried_ = false;
}

void retention_round::found(std::vector<variant_ref> variants) {
  leave_sync();
  std::move(variants.begin(), variants.end(), std::back_inserter(variants_));
}

void retention_round::found(const std::vector<variant_state>& states) {
  for (auto& state : states) {
    plan(variants_.front(), state);
    variants_.pop_front();
  }
}

void retention_round::purged(int64_t live) {
  totals_.purged += static_cast<uint64_t>(live);
  work_.pop_front();
}

void retention_round::pruned(const prune_result& result) {
  totals_.pruned += result.pruned;
  if (!result.has_more)
    work_.pop_front();
}

void retention_round::skip() {
  work_.pop_front();
}

void retention_round::plan(const variant_ref& variant, const variant_state& state) {
  if (state.record_count.empty())
    return;
  if (idle_since_ && is_idle(state, *idle_since_)) {
    work_.push_back(purge_variant{variant, *idle_since_});
    return;
  }
  if (until_)
    for (auto& [model, _] : state.record_count)
      work_.push_back(prune_model{variant, model, *until_, pruned_max});
}

size_t retention_round::states_next() const {
  return std::min(variants_.size(), states_max);
}

} // namespace varia
