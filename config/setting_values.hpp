#pragma once

#include "config/settings.hpp"

#include <map>
#include <optional>
#include <string>
#include <variant>
#include <vector>

namespace varia {

/// Points at one setting; its type says how the setting is written.
using setting_value = std::variant<std::string*, uint32_t*, uint64_t*, bool*, milliseconds*,
                                   endpoint*, std::optional<endpoint>*, std::vector<endpoint>*,
                                   std::map<std::string, std::string>*, log_format*>;

/// Writes what the text says to where the value points. Fails with `invalid` and what is wanted,
/// and then changes nothing; the failure never repeats the text.
expected<void> parse_value(const setting_value& value, const std::string& text, uint64_t minimum);

/// Returns the text that `parse_value` would read back.
std::string render_value(const setting_value& value);

/// Says in words what such a setting wants.
std::string wanted(const setting_value& value, uint64_t minimum);

/// True for settings that a file writes as a number.
bool is_number(const setting_value& value);

/// True for settings that a file writes as true or false.
bool is_flag(const setting_value& value);

/// Reads "127.0.0.1:3003" or "[::1]:3003". Fails with `invalid`.
expected<endpoint> parse_endpoint(const std::string& text);

/// Renders what `parse_endpoint` reads.
std::string to_string(const endpoint& x);

} // namespace varia
