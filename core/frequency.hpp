#pragma once

#include "core/error.hpp"
#include "core/time.hpp"

#include <string>

namespace varia {

/// The shortest period a schedule may have.
inline constexpr milliseconds period_min = std::chrono::seconds{30};

/// Returns the period that a frequency such as "every 5m", "1 day" or "every half hour" names.
/// Fails with `invalid` for any other text and for periods under 30 seconds. The grammar is the
/// contract's (1.4, 6.2); a unit without a number counts as one of it.
expected<milliseconds> parse_frequency(const std::string& text);

/// Returns the short form the API answers with: "5m" for "every 5m", "1h" for "every hour"
/// (contract 1.12). Text that is no frequency is returned without a leading "every ".
std::string shorten_frequency(const std::string& text);

} // namespace varia
