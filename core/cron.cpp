#include "core/cron.hpp"

#include "core/text.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <string_view>
#include <utility>
#include <vector>

#include <date/date.h>

namespace varia {

namespace {

constexpr time_ms minute_ms = 60'000;
constexpr time_ms day_ms = 24 * 60 * minute_ms;
constexpr int day_minutes = 24 * 60;

// The fifth Monday of February is there every 28 years, or 40 around a century without leap year.
constexpr time_ms horizon = 45 * 366 * day_ms;

// More than any zone has within the horizon.
constexpr int spans_max = 1000;

constexpr size_t text_max = 200;

constexpr std::array<std::pair<std::string_view, std::string_view>, 7> nicknames{
  {{"@hourly", "0 * * * *"},
   {"@daily", "0 0 * * *"},
   {"@midnight", "0 0 * * *"},
   {"@weekly", "0 0 * * 0"},
   {"@monthly", "0 0 1 * *"},
   {"@yearly", "0 0 1 1 *"},
   {"@annually", "0 0 1 1 *"}}};

constexpr std::array<std::string_view, 12> month_names{"jan", "feb", "mar", "apr", "may", "jun",
                                                       "jul", "aug", "sep", "oct", "nov", "dec"};
constexpr std::array<std::string_view, 7> day_names{"sun", "mon", "tue", "wed",
                                                    "thu", "fri", "sat"};

/// One of the five fields: how it is called, and which numbers it may have.
struct field_rules {
  std::string_view name;
  int first;
  int last;
  const std::string_view* names = nullptr;
  int names_count = 0;
};

constexpr field_rules minute_rules{"minute", 0, 59};
constexpr field_rules hour_rules{"hour", 0, 23};
constexpr field_rules day_rules{"day of the month", 1, 31};
constexpr field_rules month_rules{"month", 1, 12, month_names.data(), 12};
constexpr field_rules weekday_rules{"day of the week", 0, 7, day_names.data(), 7};

caf::error refused(const field_rules& rules, std::string_view text) {
  return fail(errc::invalid,
              "\"" + std::string{text} + "\" is no " + std::string{rules.name} + " of a cron text");
}

std::optional<int> read_number(std::string_view text) {
  auto result = 0;
  auto end = text.data() + text.size();
  auto [stop, fault] = std::from_chars(text.data(), end, result);
  return fault == std::errc{} && stop == end ? std::optional{result} : std::nullopt;
}

std::optional<int> read_value(const field_rules& rules, std::string_view text) {
  for (auto i = 0; i < rules.names_count; ++i)
    if (text == rules.names[i])
      return rules.first + i;
  auto number = read_number(text);
  return number && *number >= rules.first && *number <= rules.last ? number : std::nullopt;
}

bool is_star(std::string_view text) {
  return text == "*" || text == "?";
}

/// The numbers that one part of a list stands for: from `first` to `last`, by `step`.
struct number_range {
  int first;
  int last;
  int step;
};

std::optional<number_range> read_range(const field_rules& rules, std::string_view text) {
  auto slash = text.find('/');
  auto left = text.substr(0, slash);
  auto step
    = slash == std::string_view::npos ? std::optional{1} : read_number(text.substr(slash + 1));
  if (!step || *step < 1)
    return std::nullopt;
  if (is_star(left))
    return number_range{rules.first, rules.last, *step};
  auto dash = left.find('-');
  auto first = read_value(rules, left.substr(0, dash));
  if (!first)
    return std::nullopt;
  if (dash == std::string_view::npos)
    return number_range{*first, slash == std::string_view::npos ? *first : rules.last, *step};
  auto last = read_value(rules, left.substr(dash + 1));
  // A week may end with Sunday.
  if (last && rules.names_count == 7 && *last == 0 && *first > 0)
    last = 7;
  if (!last || *last < *first)
    return std::nullopt;
  return number_range{*first, *last, *step};
}

template <size_t N>
bool add_range(const field_rules& rules, std::string_view text, std::bitset<N>& to) {
  auto range = read_range(rules, text);
  if (!range)
    return false;
  for (auto x = range->first; x <= range->last; x += range->step)
    to.set(static_cast<size_t>(x) % N);
  return true;
}

template <size_t N>
caf::error read_list(const field_rules& rules, const std::string& text, std::bitset<N>& to) {
  for (auto& part : split(text, ','))
    if (!add_range(rules, part, to))
      return refused(rules, part);
  return {};
}

std::vector<std::string> words_of(const std::string& text) {
  std::vector<std::string> result;
  for (auto& word : split(text, ' '))
    if (!word.empty())
      result.push_back(std::move(word));
  return result;
}

time_ms ceil_minute(time_ms at) {
  auto rest = ((at % minute_ms) + minute_ms) % minute_ms;
  return rest == 0 ? at : at - rest + minute_ms;
}

time_ms floor_day(time_ms at) {
  return at - ((at % day_ms) + day_ms) % day_ms;
}

caf::error read_days(const std::string& text, std::bitset<32>& days, bool& last_day) {
  for (auto& part : split(text, ',')) {
    if (part == "l")
      last_day = true;
    else if (!add_range(day_rules, part, days))
      return refused(day_rules, part);
  }
  return {};
}

// Reads "5#2" and "5l".
bool read_counted_weekday(std::string_view text, std::bitset<7>& last, std::bitset<36>& counted) {
  auto mark = text.find('#');
  if (mark != std::string_view::npos) {
    auto weekday = read_value(weekday_rules, text.substr(0, mark));
    auto count = read_number(text.substr(mark + 1));
    if (!weekday || !count || *count < 1 || *count > 5)
      return false;
    counted.set(static_cast<size_t>(7 * (*count - 1) + *weekday % 7));
    return true;
  }
  if (text.size() < 2 || text.back() != 'l')
    return false;
  auto weekday = read_value(weekday_rules, text.substr(0, text.size() - 1));
  if (weekday)
    last.set(static_cast<size_t>(*weekday % 7));
  return weekday.has_value();
}

} // namespace

expected<cron> cron::parse(const std::string& text) {
  if (text.size() > text_max)
    return fail(errc::invalid, "a cron text has at most 200 characters");
  auto lower = to_lower(text);
  for (auto& [nickname, meaning] : nicknames)
    if (lower == nickname)
      lower = meaning;
  auto words = words_of(lower);
  if (words.size() != 5)
    return fail(errc::invalid, "a cron text has five fields: minute, hour, day of the month, month "
                               "and day of the week");
  cron result;
  if (auto why = read_list(minute_rules, words[0], result.minutes_))
    return why;
  if (auto why = read_list(hour_rules, words[1], result.hours_))
    return why;
  if (auto why = read_days(words[2], result.days_, result.last_day_))
    return why;
  if (auto why = read_list(month_rules, words[3], result.months_))
    return why;
  for (auto& part : split(words[4], ','))
    if (!read_counted_weekday(part, result.last_weekdays_, result.counted_weekdays_)
        && !add_range(weekday_rules, part, result.weekdays_))
      return refused(weekday_rules, part);
  result.follows_clock_ = words[1].front() == '*';
  result.any_day_ = is_star(words[2].substr(0, 1));
  result.any_weekday_ = is_star(words[4].substr(0, 1));
  if (!result.next(0, {}))
    return fail(errc::invalid, "no day is as this cron text wants it");
  return result;
}

bool cron::has_days_of_month(const day& x) const {
  return days_.test(static_cast<size_t>(x.number)) || (last_day_ && x.number == x.last);
}

bool cron::has_days_of_week(const day& x) const {
  auto weekday = static_cast<size_t>(x.weekday);
  auto count = static_cast<size_t>((x.number - 1) / 7);
  return weekdays_.test(weekday) || counted_weekdays_.test(7 * count + weekday)
         || (last_weekdays_.test(weekday) && x.number + 7 > x.last);
}

bool cron::has(const day& x) const {
  if (any_day_ || any_weekday_)
    return has_days_of_month(x) && has_days_of_week(x);
  return has_days_of_month(x) || has_days_of_week(x);
}

// The first minute of a day from this one on.
std::optional<int> cron::next_minute(int from) const {
  for (auto hour = from / 60; hour < 24; ++hour)
    if (hours_.test(static_cast<size_t>(hour)))
      for (auto minute = hour == from / 60 ? from % 60 : 0; minute < 60; ++minute)
        if (minutes_.test(static_cast<size_t>(minute)))
          return hour * 60 + minute;
  return std::nullopt;
}

// The first time of a clock without gaps from `from` on, before `end`.
std::optional<time_ms> cron::next_local(time_ms from, time_ms end) const {
  from = ceil_minute(from);
  auto midnight = floor_day(from);
  while (midnight < end) {
    date::sys_days number{date::days{midnight / day_ms}};
    date::year_month_day date{number};
    auto month = date.year() / date.month();
    if (!months_.test(static_cast<unsigned>(date.month()))) {
      midnight = date::sys_days{(month + date::months{1}) / 1}.time_since_epoch().count() * day_ms;
      continue;
    }
    day today{static_cast<int>(static_cast<unsigned>(date.day())),
              static_cast<int>(date::weekday{number}.c_encoding()),
              static_cast<int>(static_cast<unsigned>((month / date::last).day()))};
    auto minutes = static_cast<int>(std::max<time_ms>(from - midnight, 0) / minute_ms);
    if (auto found = has(today) && minutes < day_minutes ? next_minute(minutes) : std::nullopt) {
      auto at = midnight + *found * minute_ms;
      return at < end ? std::optional{at} : std::nullopt;
    }
    midnight += day_ms;
  }
  return std::nullopt;
}

std::optional<time_ms> cron::next(time_ms after, const time_zone& zone) const {
  auto span = zone.span_at(after);
  auto until = after + horizon;
  auto from = span.to_local(after) + 1;
  if (!follows_clock_) {
    auto before = zone.span_at(span.begin - 1);
    from = std::max(from, before.to_local(span.begin));
  }
  for (auto i = 0; i < spans_max && span.begin < until; ++i) {
    auto end = span.to_local(span.end);
    if (auto found = next_local(from, std::min(end, span.to_local(until))))
      return span.to_utc(*found);
    auto following = zone.span_at(span.end);
    from = following.to_local(following.begin);
    if (!follows_clock_ && next_local(end, from))
      return following.begin;
    if (!follows_clock_)
      from = std::max(from, end);
    span = following;
  }
  return std::nullopt;
}

} // namespace varia
