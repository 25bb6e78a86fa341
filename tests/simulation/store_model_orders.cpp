#include "tests/simulation/store_model.hpp"

#include <utility>

namespace varia::test {

namespace {

order_result refused(const variant_key& key, order_outcome why) {
  order_result result;
  result.outcome = why;
  result.entry.key = key;
  return result;
}

} // namespace

// Judged one after another on a copy, which is kept unless one refusal refuses all.
expected<batch_result> store_model::apply(uint64_t epoch, const variant_batch& batch,
                                          size_t named_max, milliseconds keep) {
  auto& sync = syncs_[batch.sync];
  sync.is_indexed = true;
  if (auto refused = fence_leader(sync, epoch))
    return refused;
  auto registry_before = sync;
  auto heads_before = batch.all_or_nothing ? heads_ : decltype(heads_){};
  batch_result result;
  result.limit = static_cast<uint32_t>(named_max);
  for (auto& order : batch.orders) {
    result.results.push_back(carry_out(sync, batch.sync, order, named_max, keep));
    if (batch.all_or_nothing && is_refusal(result.results.back().outcome))
      result.applied = false;
  }
  if (!result.applied) {
    sync = std::move(registry_before);
    heads_ = std::move(heads_before);
  }
  result.named = static_cast<uint32_t>(named(batch.sync));
  return result;
}

order_result store_model::carry_out(registry& sync, const sync_id& of, const variant_order& order,
                                    size_t named_max, milliseconds keep) {
  variant_key key{of, order.name};
  auto known = sync.entries.find(order.name);
  auto is_known = known != sync.entries.end();
  auto is_full = order.name != base_variant && rules.limits_variants && named(of) >= named_max;
  auto answer = [&](order_outcome what) { return refused(key, what); };
  if (order.verb == order_verb::remove)
    return remove(sync, key, order, keep);
  if (is_known && known->second.id == order.id && order.verb != order_verb::change)
    return {order.verb == order_verb::undelete ? order_outcome::restored : order_outcome::created,
            known->second, false};
  if (order.verb == order_verb::undelete)
    return undelete(sync, key, order, is_full);
  if (is_known && order.verb != order_verb::create)
    return change(known->second, order);
  if (order.verb == order_verb::change)
    return answer(order_outcome::not_found);
  if (is_full)
    return answer(order_outcome::full);
  auto old = heads_.find(order.id);
  if (is_known || (old != heads_.end() && old->second.deleted))
    return answer(order_outcome::exists);
  return create(sync, key, order);
}

order_result store_model::create(registry& sync, const variant_key& key,
                                 const variant_order& order) {
  auto paused = order.pause >= 0 ? order.pause == 1 : order.starts_paused;
  variant_entry entry{
    key, order.id, paused, order.frequency, now_(), order.settings, order.discovered, {}, 0, {}};
  if (paused && order.pause < 0)
    entry.pause_reason = not_started;
  sync.entries[key.name] = entry;
  heads_[order.id].key = key;
  return {order_outcome::created, entry, false};
}

order_result store_model::change(variant_entry& known, const variant_order& order) {
  auto entry = known;
  if (order.pause >= 0) {
    entry.paused = order.pause == 1;
    entry.pause_reason.clear();
  }
  if (order.pause == 0)
    heads_.at(entry.id).fails = 0;
  if (order.sets_frequency)
    entry.frequency = order.frequency;
  if (order.sets_settings)
    entry.settings = order.settings;
  if (entry.paused == known.paused && entry.frequency == known.frequency
      && entry.settings == known.settings)
    return {order_outcome::kept, entry, false};
  auto wanted = order.resets && entry.settings != known.settings;
  if (entry.frequency != known.frequency)
    entry.since = now_();
  known = entry;
  if (wanted)
    heads_.at(entry.id).want = std::max(heads_.at(entry.id).want, 2);
  return {order_outcome::changed, entry, wanted};
}

order_result store_model::remove(registry& sync, const variant_key& key, const variant_order& order,
                                 milliseconds keep) {
  if (auto old = sync.deleted.find(order.id); old != sync.deleted.end())
    return {order_outcome::removed, old->second.entry, false};
  auto known = sync.entries.find(key.name);
  if (known == sync.entries.end() || (!order.id.empty() && known->second.id != order.id))
    return refused(key, order_outcome::not_found);
  auto entry = known->second;
  sync.entries.erase(known);
  if (keep.count() == 0) {
    heads_.erase(entry.id);
  } else {
    auto& head = heads_.at(entry.id);
    if (head.outcome == run_outcome::running)
      close_run(head, run_outcome::cancelled);
    head.placement = {};
    head.deleted = true;
    head.want = 0;
    sync.deleted[entry.id] = {entry, now_(), now_() + keep.count()};
  }
  return {order_outcome::removed, entry, false};
}

order_result store_model::undelete(registry& sync, const variant_key& key,
                                   const variant_order& order, bool is_full) {
  auto old = sync.deleted.find(order.id);
  if (old == sync.deleted.end() || !(old->second.entry.key == key)
      || old->second.kept_until <= now_())
    return refused(key, order_outcome::not_found);
  if (is_full)
    return refused(key, order_outcome::full);
  if (sync.entries.count(key.name) > 0)
    return refused(key, order_outcome::exists);
  auto entry = old->second.entry;
  sync.entries[key.name] = entry;
  sync.deleted.erase(old);
  heads_.at(entry.id).deleted = false;
  return {order_outcome::restored, entry, false};
}

} // namespace varia::test
