#include "core/span.hpp"

#include <array>
#include <charconv>
#include <utility>

namespace varia {

namespace {

using namespace std::chrono_literals;

constexpr milliseconds span_max = std::chrono::hours{24 * 365};

// From the largest down, so that rendering finds the shortest text.
constexpr std::array<std::pair<std::string_view, milliseconds>, 4> units{
  {{"h", 1h}, {"m", 1min}, {"s", 1s}, {"ms", 1ms}}};

} // namespace

std::optional<milliseconds> parse_span(std::string_view text) {
  uint32_t amount = 0;
  auto end = text.data() + text.size();
  auto [stop, fault] = std::from_chars(text.data(), end, amount);
  if (fault != std::errc{})
    return std::nullopt;
  std::string_view unit{stop, static_cast<size_t>(end - stop)};
  for (auto& [name, span] : units)
    if (unit == name && amount <= span_max / span)
      return span * amount;
  return std::nullopt;
}

std::string render_span(milliseconds x) {
  for (auto& [name, span] : units)
    if (x % span == 0ms)
      return std::to_string(x / span) + std::string{name};
  return {};
}

} // namespace varia
