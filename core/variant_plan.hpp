#pragma once

#include "core/variant_order.hpp"

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

namespace varia {

/// What a plan may do.
struct plan_rules {
  size_t named_max = 100;            ///< Named variants of the sync.
  bool may_delete = true;            ///< What is not wanted goes.
  uint32_t delete_max_percent = 100; ///< Of the present variants; more of them is `guarded`.
  bool force = false;                ///< There is no guard.
};

/// The way from the named variants that a sync has to those that it is to have: who is created,
/// changed, deleted and kept, by name and in order. Every name of either side is in exactly one of
/// the lists.
struct variant_plan {
  std::vector<std::string> creates;
  std::vector<std::string> changes;
  std::vector<std::string> deletes;
  std::vector<std::string> keeps;
  std::vector<std::string> spares; ///< Not wanted, but deleting was not asked for.
  std::vector<std::string> capped; ///< Wanted, but more than the limit.
  bool guarded = false;            ///< It deletes more than the guard lets pass.

  /// What is to be done, deletions first, so that the limit is never passed on the way. Carried
  /// out, it leads to a state of which a plan keeps everything.
  std::vector<variant_order> orders;
};

/// Plans without reading or writing anything. `present` is what there is, of which `base` is
/// ignored; `wanted` are orders with the verb `put`, each name once. What an order does not mention
/// stays as it is.
variant_plan plan_variants(const std::vector<variant_entry>& present,
                           const std::vector<variant_order>& wanted, const plan_rules& rules);

} // namespace varia
