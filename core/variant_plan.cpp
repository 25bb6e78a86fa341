#include "core/variant_plan.hpp"

#include <map>
#include <utility>

namespace varia {

namespace {

using entry_map = std::map<std::string, const variant_entry*>;
using order_map = std::map<std::string, const variant_order*>;

entry_map by_name(const std::vector<variant_entry>& entries) {
  entry_map result;
  for (auto& x : entries)
    if (x.key.name != base_variant)
      result[x.key.name] = &x;
  return result;
}

order_map by_name(const std::vector<variant_order>& orders) {
  order_map result;
  for (auto& x : orders)
    result[x.name] = &x;
  return result;
}

bool is_met(const variant_order& wish, const variant_entry& x) {
  return (wish.pause < 0 || x.paused == (wish.pause == 1))
         && (!wish.sets_frequency || x.frequency == wish.frequency)
         && (!wish.sets_settings || x.settings == wish.settings);
}

variant_order removal_of(const variant_entry& x) {
  variant_order result;
  result.verb = order_verb::remove;
  result.name = x.key.name;
  result.id = x.id;
  return result;
}

bool is_too_much(size_t deleted, size_t of, const plan_rules& rules) {
  return !rules.force && deleted * 100 > of * rules.delete_max_percent;
}

} // namespace

variant_plan plan_variants(const std::vector<variant_entry>& present,
                           const std::vector<variant_order>& wanted, const plan_rules& rules) {
  auto entries = by_name(present);
  auto wishes = by_name(wanted);
  variant_plan result;
  for (auto& [name, entry] : entries) {
    if (wishes.count(name) > 0)
      continue;
    (rules.may_delete ? result.deletes : result.spares).push_back(name);
    if (rules.may_delete)
      result.orders.push_back(removal_of(*entry));
  }
  result.guarded = is_too_much(result.deletes.size(), entries.size(), rules);
  auto room = rules.named_max + result.deletes.size();
  for (auto& [name, wish] : wishes) {
    auto known = entries.find(name);
    if (known != entries.end() && is_met(*wish, *known->second)) {
      result.keeps.push_back(name);
      continue;
    }
    auto is_new = known == entries.end();
    if (is_new && entries.size() + result.creates.size() >= room) {
      result.capped.push_back(name);
      continue;
    }
    (is_new ? result.creates : result.changes).push_back(name);
    result.orders.push_back(*wish);
  }
  return result;
}

} // namespace varia
