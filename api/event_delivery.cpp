#include "api/event_delivery.hpp"

#include "store/functions.hpp"
#include "store/runs.hpp"

#include <algorithm>

namespace varia {

bool subscribes(const function& x, const std::string& type) {
  auto& to = x.webhook_subscriptions;
  return std::any_of(to.begin(), to.end(),
                     [&](auto& wanted) { return wanted == "*" || wanted == type; });
}

expected<left_event> leave_event(const api_context& api, redis& db,
                                 const std::vector<variant_entry>& variants,
                                 const std::string& event) {
  left_event result;
  for (auto& entry : variants) {
    auto put = runs{db}.put_event(ref_of(entry), event);
    if (!put && code_of(put.error()) == errc::full) {
      result.full = entry.key.sync.name;
      break;
    }
    if (!put && code_of(put.error()) != errc::not_found)
      return std::move(put.error());
    if (put)
      result.woken.push_back(entry.key);
  }
  // The events are safe: a variant that is not woken now finds them after its next run.
  if (!result.woken.empty())
    (void)api.cluster->wake(result.woken);
  return result;
}

} // namespace varia
