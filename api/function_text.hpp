#pragma once

#include "api/call.hpp"
#include "store/functions.hpp"

namespace varia {

/// A deployed function as GET /integrations/{key}/functions shows it.
json function_text(const function& x);

/// A function as programs see it that choose by its description what to call: name, description and
/// the JSON schema of its input. A list in the description, such as "- id: of the event", describes
/// the fields of the input.
json callable_text(const function& x);

/// Answers GET /scripts/config in both of its formats (contract 1.18).
expected<http_response> show_scripts(api_call& x);

} // namespace varia
