#include "store/cursor.hpp"

#include "core/text.hpp"

#include <charconv>
#include <string_view>

namespace varia {

namespace {

// The number tells the form of the rest, so that later forms can be told from this one.
constexpr std::string_view version = "2:";

} // namespace

std::string to_cursor(record_place x) {
  return base64url(std::string{version} + std::to_string(x));
}

expected<record_place> parse_cursor(const std::string& text) {
  auto plain = parse_base64url(text);
  if (plain && plain->compare(0, version.size(), version) == 0) {
    record_place result = 0;
    auto digits = std::string_view{*plain}.substr(version.size());
    auto [end, fault] = std::from_chars(digits.data(), digits.data() + digits.size(), result);
    if (fault == std::errc{} && end == digits.data() + digits.size() && to_cursor(result) == text)
      return result;
  }
  return fail(errc::invalid, "the cursor is not one of ours");
}

} // namespace varia
