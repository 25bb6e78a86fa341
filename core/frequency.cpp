#include "core/frequency.hpp"

#include <array>
#include <charconv>
#include <string_view>
#include <utility>

namespace varia {

namespace {

using namespace std::chrono_literals;
using std::chrono::hours;

struct named_span {
  std::string_view name;
  milliseconds span;
};

constexpr std::string_view every = "every ";

// Longer ones would not fit into the nanoseconds that timers count.
constexpr milliseconds period_max = hours{24 * 365 * 100};

constexpr std::array<named_span, 5> phrases{{{"month", hours{24 * 30}},
                                             {"week", hours{24 * 7}},
                                             {"half day", 12h},
                                             {"half hour", 30min},
                                             {"quarter hour", 15min}}};

constexpr std::array<named_span, 18> units{{{"s", 1s},
                                            {"sec", 1s},
                                            {"secs", 1s},
                                            {"second", 1s},
                                            {"seconds", 1s},
                                            {"m", 1min},
                                            {"min", 1min},
                                            {"mins", 1min},
                                            {"minute", 1min},
                                            {"minutes", 1min},
                                            {"h", 1h},
                                            {"hr", 1h},
                                            {"hrs", 1h},
                                            {"hour", 1h},
                                            {"hours", 1h},
                                            {"d", 24h},
                                            {"day", 24h},
                                            {"days", 24h}}};

constexpr std::array<std::pair<std::string_view, std::string_view>, 7> short_forms{
  {{"every hour", "1h"},
   {"every day", "1d"},
   {"every week", "1w"},
   {"every month", "30d"},
   {"every half day", "12h"},
   {"every half hour", "30m"},
   {"every quarter hour", "15m"}}};

template <size_t N>
const named_span* find(const std::array<named_span, N>& spans, std::string_view name) {
  for (auto& x : spans)
    if (x.name == name)
      return &x;
  return nullptr;
}

bool is_space(char c) {
  return c == ' ' || (c >= '\t' && c <= '\r');
}

std::string_view without_every(std::string_view text) {
  return text.substr(0, every.size()) == every ? text.substr(every.size()) : text;
}

caf::error refused() {
  return fail(errc::invalid,
              R"(a frequency is text such as "every 5m", "2 hours" or "every half day")");
}

} // namespace

expected<milliseconds> parse_frequency(const std::string& text) {
  auto rest = without_every(text);
  auto period = milliseconds{0};
  if (auto phrase = find(phrases, rest)) {
    period = phrase->span;
  } else {
    uint32_t amount = 1;
    auto digits = std::from_chars(rest.data(), rest.data() + rest.size(), amount);
    if (digits.ec == std::errc::result_out_of_range)
      return refused();
    rest.remove_prefix(static_cast<size_t>(digits.ptr - rest.data()));
    if (!rest.empty() && is_space(rest.front()))
      rest.remove_prefix(1);
    auto unit = find(units, rest);
    if (unit == nullptr)
      return refused();
    period = unit->span * amount;
  }
  if (period < period_min)
    return fail(errc::invalid, "a frequency is at least every 30 seconds");
  if (period > period_max)
    return refused();
  return period;
}

std::string shorten_frequency(const std::string& text) {
  for (auto& [phrase, short_form] : short_forms)
    if (text == phrase)
      return std::string{short_form};
  return std::string{without_every(text)};
}

} // namespace varia
