#pragma once

#include "core/trace_context.hpp"
#include "upstream/retry.hpp"

namespace varia {

/// Adds the headers that tell the receiver of a request which trace it belongs to, as a step of its
/// own, unless whoever asked for the request says it himself, or there is none.
void add_trace(header_list& to, const trace_context& x);

} // namespace varia
