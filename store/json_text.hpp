#pragma once

#include "core/error.hpp"

#include <string>
#include <string_view>
#include <vector>

namespace varia {

/// One field of a JSON object, as it stands in the text.
struct json_field {
  std::string_view name;  ///< Between the quotes, escapes as written.
  std::string_view value; ///< Without blanks around it.
};

/// Splits the text of a JSON object into its fields and checks all of it by RFC 8259. Nothing is
/// converted: unlike the parsers of libraries this takes numbers of any size and lone surrogates,
/// both of which JavaScript's `JSON.stringify` writes. Fails with `invalid` if the text is no
/// object, or one nested deeper than 500 levels. The views point into `text`.
expected<std::vector<json_field>> fields_of(std::string_view text);

/// Returns the text of the same object without blanks and with the keys of every object in order:
/// equal for two texts that differ in no more than that. Fails as `fields_of`.
expected<std::string> canonical_json(std::string_view text);

/// Returns how many UTF-16 units a string has that stands between quotes as `raw`: its `length` in
/// JavaScript.
size_t length_of(std::string_view raw);

/// Replaces in `text` the fields that `patch` has, and appends those that are new. Everything else
/// stays byte for byte. An empty `text` stands for an empty object. Fails as `fields_of`.
expected<std::string> merge_fields(std::string_view text, std::string_view patch);

/// The same, but where both have an object under one name, these are merged too, and so on inward.
/// Everything else is replaced, lists as a whole.
expected<std::string> merge_deeply(std::string_view text, std::string_view patch);

} // namespace varia
