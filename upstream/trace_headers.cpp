#include "upstream/trace_headers.hpp"

#include "core/text.hpp"

#include <algorithm>

namespace varia {

void add_trace(header_list& to, const trace_context& x) {
  auto is_said = std::any_of(to.begin(), to.end(),
                             [](auto& header) { return to_lower(header.first) == "traceparent"; });
  if (is_said || x.trace_id.empty())
    return;
  to.emplace_back("traceparent", x.child().parent());
  if (!x.state.empty())
    to.emplace_back("tracestate", x.state);
}

} // namespace varia
