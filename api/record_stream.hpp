#pragma once

#include "api/call.hpp"

namespace varia {

/// The records of a model as they change, as Server-Sent Events: first all that there are behind
/// the cursor, then each change soon after it is committed.
expected<http_response> stream_records(api_call& x);

/// Renders a record as an event.
std::string event_text(const stored_record& x);

} // namespace varia
