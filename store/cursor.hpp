#pragma once

#include "core/error.hpp"
#include "core/time.hpp"

#include <cstdint>
#include <string>

namespace varia {

/// A place in the change order. Places grow with every change in any variant of a sync, so one of
/// them stands for a position in each of its variants and in all of them together. 0 comes before
/// every change.
using record_place = uint64_t;

/// How many places there are in a millisecond: a place tells the time of its change.
inline constexpr record_place places_per_ms = 1000;

inline time_ms time_of(record_place x) {
  return static_cast<time_ms>(x / places_per_ms);
}

/// The first place that a change at this time can have.
inline record_place first_place_at(time_ms x) {
  return x <= 0 ? 0 : static_cast<record_place>(x) * places_per_ms;
}

/// Returns the opaque text that stands for a place.
std::string to_cursor(record_place x);

/// Reads what `to_cursor` wrote; `invalid` for any other text.
expected<record_place> parse_cursor(const std::string& text);

} // namespace varia
