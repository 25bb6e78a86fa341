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

} // namespace varia
