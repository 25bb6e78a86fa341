#include "core/time.hpp"

#include <fmt/compile.h>

#include <ctime>
#include <string_view>

namespace varia {

namespace {

std::string to_iso(time_ms at) {
  auto ms = (at % 1000 + 1000) % 1000;
  auto seconds = static_cast<time_t>((at - ms) / 1000);
  std::tm x{};
  gmtime_r(&seconds, &x);
  return fmt::format(FMT_COMPILE("{:04}-{:02}-{:02}T{:02}:{:02}:{:02}.{:03}"), x.tm_year + 1900,
                     x.tm_mon + 1, x.tm_mday, x.tm_hour, x.tm_min, x.tm_sec, ms);
}

bool is_digit(char x) {
  return x >= '0' && x <= '9';
}

// True if `text` has a digit wherever `form` has a 0, and the same letters elsewhere.
bool has_form(std::string_view text, std::string_view form) {
  if (text.size() != form.size())
    return false;
  for (size_t i = 0; i < form.size(); ++i)
    if (form[i] == '0' ? !is_digit(text[i]) : text[i] != form[i])
      return false;
  return true;
}

int number_at(std::string_view text, size_t first, size_t count) {
  auto result = 0;
  for (auto digit : text.substr(first, count))
    result = result * 10 + (digit - '0');
  return result;
}

// Returns the milliseconds that a fraction such as ".8381" means, or -1.
time_ms parse_fraction(std::string_view text) {
  if (text.empty())
    return 0;
  if (text.size() < 2 || text.front() != '.')
    return -1;
  time_ms result = 0;
  for (size_t i = 1; i < text.size(); ++i) {
    if (!is_digit(text[i]))
      return -1;
    if (i <= 3)
      result = result * 10 + (text[i] - '0');
  }
  for (auto i = text.size(); i <= 3; ++i)
    result *= 10;
  return result;
}

} // namespace

time_ms now_ms() {
  auto now = std::chrono::system_clock::now().time_since_epoch();
  return std::chrono::duration_cast<milliseconds>(now).count();
}

time_ms steady_ms() {
  auto since = std::chrono::steady_clock::now().time_since_epoch();
  return std::chrono::duration_cast<milliseconds>(since).count();
}

std::string to_iso_z(time_ms at) {
  return to_iso(at) + "Z";
}

std::string to_iso_offset(time_ms at) {
  return to_iso(at) + "+00:00";
}

time_ms parse_iso_z(const std::string& text) {
  constexpr std::string_view form = "0000-00-00T00:00:00";
  std::string_view rest{text};
  if (rest.size() <= form.size() || rest.back() != 'Z' || !has_form(rest.substr(0, 19), form))
    return -1;
  rest.remove_suffix(1);
  auto fraction = parse_fraction(rest.substr(form.size()));
  std::tm x{};
  x.tm_year = number_at(rest, 0, 4) - 1900;
  x.tm_mon = number_at(rest, 5, 2) - 1;
  x.tm_mday = number_at(rest, 8, 2);
  x.tm_hour = number_at(rest, 11, 2);
  x.tm_min = number_at(rest, 14, 2);
  x.tm_sec = number_at(rest, 17, 2);
  auto asked = x;
  // A day that no calendar has, such as 30 February, comes back as another one.
  auto seconds = timegm(&x);
  if (fraction < 0 || asked.tm_mon != x.tm_mon || asked.tm_mday != x.tm_mday
      || asked.tm_hour != x.tm_hour || asked.tm_min != x.tm_min || asked.tm_sec != x.tm_sec)
    return -1;
  return static_cast<time_ms>(seconds) * 1000 + fraction;
}

} // namespace varia
