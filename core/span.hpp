#pragma once

#include "core/time.hpp"

#include <optional>
#include <string>
#include <string_view>

namespace varia {

/// Reads a span of time such as "500ms", "30s", "5m" or "8h", of a year at most. Nothing for any
/// other text.
std::optional<milliseconds> parse_span(std::string_view text);

/// Renders the shortest text that `parse_span` reads as this.
std::string render_span(milliseconds x);

} // namespace varia
