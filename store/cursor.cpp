#include "store/cursor.hpp"

#include "core/text.hpp"

#include <charconv>
#include <string_view>

namespace varia {

namespace {

// The number tells the form of the rest, so that later forms can be told from this one.
constexpr std::string_view version = "1:";

bool read(std::string_view text, uint64_t& number) {
  auto [end, fault] = std::from_chars(text.data(), text.data() + text.size(), number);
  return fault == std::errc{} && end == text.data() + text.size();
}

} // namespace

std::string to_cursor(const change_place& x) {
  return base64url(std::string{version} + std::to_string(x.ms) + '-' + std::to_string(x.number));
}

expected<change_place> parse_cursor(const std::string& text) {
  auto plain = parse_base64url(text);
  change_place result;
  if (plain && plain->compare(0, version.size(), version) == 0) {
    auto place = std::string_view{*plain}.substr(version.size());
    auto dash = place.find('-');
    if (dash != std::string_view::npos && read(place.substr(0, dash), result.ms)
        && read(place.substr(dash + 1), result.number) && to_cursor(result) == text)
      return result;
  }
  return fail(errc::invalid, "the cursor is not one of ours");
}

} // namespace varia
