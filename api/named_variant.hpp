#pragma once

#include "api/call.hpp"
#include "store/functions.hpp"
#include "store/variants.hpp"

#include <optional>
#include <utility>
#include <variant>

namespace varia {

/// What names a variant in a query or a body, and more fields.
schema naming(fields more = {});

/// A variant that a request names, and what its function says; the function may be gone.
struct named_variant {
  variant_entry entry;
  std::optional<function> deployed;

  const function* of() const { return deployed ? &*deployed : nullptr; }
  timing of_function() const { return deployed ? timing_of(*deployed) : timing{}; }
};

using found_variant = std::variant<named_variant, http_response>;

/// Looks up what a query or body that follows `naming` names, or refuses it: 404
/// `unknown_connection` or `unknown_sync`.
expected<found_variant> find_named_variant(api_call& x, const json& names);

/// Finds the variant that is named and answers with what `act` makes of it.
template <class Act>
expected<http_response> with_variant(api_call& x, const json& names, Act act) {
  auto found = find_named_variant(x, names);
  if (!found)
    return std::move(found.error());
  if (auto no = std::get_if<http_response>(&*found))
    return std::move(*no);
  return act(std::get<named_variant>(*found));
}

} // namespace varia
