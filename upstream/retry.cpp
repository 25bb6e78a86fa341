#include "upstream/retry.hpp"

#include "core/text.hpp"

#include <curl/curl.h>

#include <algorithm>
#include <charconv>
#include <cmath>

namespace varia {

namespace {

constexpr milliseconds first_wait = std::chrono::seconds{3};
constexpr milliseconds grown_wait_max = std::chrono::minutes{10};
constexpr milliseconds told_wait_max = std::chrono::hours{1};

// Unix seconds stay below this until the year 5138; Unix milliseconds passed it in 1973.
constexpr double milliseconds_from = 1e11;
constexpr double latest_ms = 1e15;

std::optional<double> parse_number(const std::string& value) {
  auto text = trim(value);
  double result = 0;
  auto [end, failure] = std::from_chars(text.data(), text.data() + text.size(), result);
  if (failure != std::errc{} || end != text.data() + text.size() || !std::isfinite(result))
    return std::nullopt;
  return result;
}

std::optional<time_ms> parse_date(const std::string& value) {
  if (auto iso = parse_iso_z(value); iso >= 0)
    return iso;
  auto seconds = ::curl_getdate(value.c_str(), nullptr);
  return seconds < 0 ? std::nullopt : std::optional<time_ms>{seconds * 1000};
}

milliseconds bounded(double wait_ms) {
  return milliseconds{
    static_cast<int64_t>(std::clamp(wait_ms, 0.0, static_cast<double>(told_wait_max.count())))};
}

bool matches(const std::string& pattern, int status) {
  auto text = std::to_string(status);
  if (pattern.size() == 3 && to_lower(pattern).substr(1) == "xx")
    return pattern[0] == text[0];
  if (auto dash = pattern.find('-'); dash != std::string::npos)
    return pattern.substr(0, dash) <= text && text <= pattern.substr(dash + 1);
  return pattern == text;
}

std::optional<milliseconds> told(const retry_headers& names, const header_list& headers,
                                 time_ms now) {
  std::optional<milliseconds> longest;
  auto look = [&](const std::vector<std::string>& wanted, auto parse) {
    for (const auto& name : wanted)
      for (const auto& [key, value] : headers)
        if (key == to_lower(name))
          if (auto wait = parse(value, now))
            longest = std::max(longest.value_or(milliseconds{0}), *wait);
  };
  look(names.at, parse_at);
  look(names.after, parse_after);
  return longest;
}

// Whether the provider says that no more requests remain.
bool is_spent(const retry_rules& rules, const header_list& headers) {
  return std::any_of(rules.remaining.begin(), rules.remaining.end(), [&](const auto& name) {
    return std::any_of(headers.begin(), headers.end(), [&](const auto& entry) {
      return entry.first == to_lower(name) && trim(entry.second) == "0";
    });
  });
}

} // namespace

bool is_retried(const retry_rules& rules, int status) {
  if (std::find(rules.also.begin(), rules.also.end(), status) != rules.also.end())
    return true;
  if (rules.statuses.empty())
    return status == 401 || status == 429 || status >= 500;
  return std::any_of(rules.statuses.begin(), rules.statuses.end(),
                     [status](const std::string& pattern) { return matches(pattern, status); });
}

bool is_retried(const retry_rules& rules, int status, const header_list& headers) {
  return is_retried(rules, status) || (status >= 400 && is_spent(rules, headers));
}

std::optional<time_ms> parse_moment(const std::string& text) {
  if (auto number = parse_number(text)) {
    auto moment = *number < milliseconds_from ? *number * 1000 : *number;
    return moment < 0 || moment > latest_ms ? std::nullopt
                                            : std::optional{static_cast<time_ms>(moment)};
  }
  return parse_date(text);
}

std::optional<milliseconds> parse_after(const std::string& value, time_ms now) {
  if (auto seconds = parse_number(value))
    return *seconds < 0 ? std::nullopt : std::optional{bounded(*seconds * 1000)};
  // `Retry-After` may be a date as well.
  if (auto date = parse_date(value))
    return bounded(static_cast<double>(*date - now));
  return std::nullopt;
}

std::optional<milliseconds> parse_at(const std::string& value, time_ms now) {
  auto moment = parse_moment(value);
  if (!moment || *moment <= now)
    return std::nullopt;
  return bounded(static_cast<double>(*moment - now));
}

std::optional<milliseconds> told_wait(const retry_rules& rules, int status,
                                      const header_list& headers, time_ms now) {
  if (auto wait = told(rules.wanted, headers, now))
    return wait;
  if (auto wait = told(rules.known, headers, now))
    return wait;
  return status == 429 || status == 503 ? told({{}, {"retry-after"}}, headers, now) : std::nullopt;
}

milliseconds retry_wait(const retry_rules& rules, int attempt, int status,
                        const header_list& headers, time_ms now, double chance) {
  if (auto wait = told_wait(rules, status, headers, now))
    return *wait;
  auto doublings = std::min(attempt, 20);
  auto grown = first_wait * (int64_t{1} << doublings);
  auto spread = static_cast<double>(grown.count()) * chance / 2;
  return std::min(grown_wait_max, grown + milliseconds{static_cast<int64_t>(spread)});
}

std::optional<milliseconds> pause_asked(const retry_rules& rules, int status,
                                        const header_list& headers, time_ms now) {
  if (status != 429 && status != 503 && !is_spent(rules, headers))
    return std::nullopt;
  auto wait = told_wait(rules, status, headers, now);
  return wait && wait->count() > 0 ? wait : std::nullopt;
}

} // namespace varia
