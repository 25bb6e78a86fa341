#pragma once

#include "core/error.hpp"

#include <string>
#include <string_view>

namespace varia {

/// How the keys of an object follow one another.
enum class key_order {
  sorted,    ///< By UTF-16 units, as JavaScript's `sort` has it.
  as_reread, ///< The same, but what looks like an index comes first, in order of number: so has
             ///< `JSON.stringify(JSON.parse(text))` it.
};

/// Writes a JSON value, whatever its kind, as `JSON.stringify` in JavaScript would: without blanks,
/// with the keys of every object in order, numbers in their shortest form, strings with as few
/// escapes as possible. Of a key that is repeated the last one counts. Bytes that are no UTF-8
/// become U+FFFD. Fails with `invalid` if the text is no JSON, or nested deeper than 500 levels.
expected<std::string> stable_json(std::string_view text, key_order order = key_order::sorted);

/// The text of a JSON string that has these bytes as its value, in the same form.
std::string js_string(std::string_view utf8);

/// A number as JavaScript's `String(x)` has it; "null" for what is not finite.
std::string js_number(double x);

} // namespace varia
