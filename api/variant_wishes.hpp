#pragma once

#include "api/call.hpp"
#include "core/variant_order.hpp"
#include "store/functions.hpp"

#include <string>
#include <variant>
#include <vector>

namespace varia {

// What the routes about variants of one sync have in common: what a body may wish for, which sync
// it is about, and how answers say what came of it.

/// The members {frequency?, start?, settings?, reset_on_change?} that a body may have beside
/// `others`; frequency and settings may be null, which removes them.
schema wish_body(fields others);

/// The settings of a variant: an object of at most 16 KiB of JSON text, or null.
schema variant_settings();

/// An order that makes a variant be as `wish` says, with a new id. What it does not mention is as
/// the function says for a new variant, and stays for an old one.
variant_order read_wish(order_verb verb, const std::string& name, const json& wish,
                        const function& deployed);

/// The sync that a request is about.
struct sync_place {
  sync_id sync;
  function deployed;
};

/// Finds a sync by the ids in a body or query. The refusals are `unknown_connection` and
/// `unknown_sync`.
expected<std::variant<sync_place, http_response>> find_sync(api_call& x, const json& ids,
                                                            const std::string& name);

/// A batch for a sync, which has everything but orders.
variant_batch batch_for(const sync_place& place);

/// The answer to a refused order, in the contract's words.
http_response refuse_order(order_outcome outcome, uint32_t limit);

/// What came of one order, as an element of a list of results.
json result_text(const order_result& result, uint32_t limit);

/// {"max": ..., "used": ...}.
json limit_text(size_t max, size_t used);

/// Settings as JSON; an empty object for none.
json settings_json(const variant_entry& entry);

} // namespace varia
