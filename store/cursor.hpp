#pragma once

#include "core/error.hpp"

#include <cstdint>
#include <string>
#include <tuple>

namespace varia {

/// A place in the change order of a model: the id of a stream entry.
struct change_place {
  uint64_t ms = 0;
  uint64_t number = 0;
};

inline bool operator<(const change_place& a, const change_place& b) {
  return std::tie(a.ms, a.number) < std::tie(b.ms, b.number);
}

/// Returns the opaque text that stands for a place.
std::string to_cursor(const change_place& x);

/// Reads what `to_cursor` wrote; `invalid` for any other text.
expected<change_place> parse_cursor(const std::string& text);

} // namespace varia
