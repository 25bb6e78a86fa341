#include "core/variant_order.hpp"

namespace varia {

const char* to_string(order_outcome x) {
  switch (x) {
    case order_outcome::created: return "created";
    case order_outcome::changed: return "changed";
    case order_outcome::kept: return "kept";
    case order_outcome::removed: return "deleted";
    case order_outcome::restored: return "restored";
    case order_outcome::full: return "resource_capped";
    case order_outcome::exists: return "sync_variant_already_exists";
    case order_outcome::not_found: return "not_found";
  }
  return "unknown";
}

std::vector<variant_batch> in_steps(const variant_batch& batch) {
  std::vector<variant_batch> result;
  for (auto& order : batch.orders) {
    if (result.empty() || result.back().orders.size() == orders_max)
      result.push_back({batch.sync, {}, batch.all_or_nothing, batch.due});
    result.back().orders.push_back(order);
  }
  return result;
}

} // namespace varia
