#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace varia {

/// So many lines of its log a process remembers, and so many bytes of each.
inline constexpr size_t recent_lines_max = 1000;
inline constexpr size_t recent_line_bytes_max = 2000;

/// Remembers a line that was logged; the oldest one makes way. Thread-safe.
void keep_log_line(std::string_view line);

/// Returns the lines that this process logged last, the newest last, as they were written: without
/// what looks like a secret.
std::vector<std::string> recent_log_lines();

} // namespace varia
