#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace varia {

/// Which trace something belongs to, as W3C Trace Context has it: it travels in the headers
/// traceparent and tracestate.
struct trace_context {
  std::string trace_id; ///< 32 hexadecimal digits.
  std::string span_id;  ///< 16 of them: of whoever speaks.
  std::string flags = "00";
  std::string state; ///< The header tracestate, as it came; may be empty.

  /// Renders the header traceparent.
  std::string parent() const;

  /// The same trace for the next one down the line, who gets a span of his own.
  trace_context child() const;
};

/// Begins a trace.
trace_context begin_trace();

/// Reads both headers. Nothing if traceparent is not valid, as the specification demands; a
/// tracestate that is too long or holds anything but printable characters is passed over.
std::optional<trace_context> parse_trace(std::string_view parent, std::string_view state);

/// Renders a trace as one text, for the store and for messages.
std::string to_text(const trace_context& x);

/// Reads what `to_text` wrote; nothing if it is not of that form.
std::optional<trace_context> parse_trace_text(std::string_view text);

} // namespace varia
