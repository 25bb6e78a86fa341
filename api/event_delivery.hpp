#pragma once

#include "api/call.hpp"
#include "store/functions.hpp"
#include "store/variants.hpp"

#include <string>
#include <vector>

namespace varia {

/// True if a function subscribes to events of a type: by its name, or to all of them.
bool subscribes(const function& x, const std::string& type);

/// What became of an event that was left for variants.
struct left_event {
  std::vector<variant_key> woken;
  std::string full; ///< A sync for which too many events wait; the event was not left for it, nor
                    ///< for those behind it. Empty if there is none.
};

/// Leaves an event (JSON text) for variants, in order, and wakes them. Those that are gone by now
/// are passed over.
expected<left_event> leave_event(const api_context& api, redis& db,
                                 const std::vector<variant_entry>& variants,
                                 const std::string& event);

} // namespace varia
