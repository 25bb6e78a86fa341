#pragma once

#include "core/error.hpp"
#include "core/time.hpp"
#include "core/time_zone.hpp"

#include <bitset>
#include <optional>
#include <string>

namespace varia {

/// What a cron text of five fields says: minute, hour, day of the month, month, day of the week.
///
/// Fields are `*`, numbers, names of months and days (JAN, MON), ranges `a-b`, steps `*/n`, `a-b/n`
/// and `a/n` (from a on), and lists of these. Sunday is 0 or 7; `?` is `*` in both fields of days.
/// `L` is the last day of the month, `FRIL` or `5L` the last Friday, `5#2` the second one. Where
/// both fields of days are restricted, either suffices, as cron always had it. The names @hourly,
/// @daily, @midnight, @weekly, @monthly, @yearly and @annually stand for the usual five fields.
class cron {
public:
  /// Fails with `invalid` and says which field is wrong, or that there is no such day.
  static expected<cron> parse(const std::string& text);

  /// Returns the first moment after `after`, by the clocks of a zone; nothing if there is none
  /// within 45 years.
  ///
  /// Where clocks are put forward or back, the rule is: with `*` (or `*` with a step) as the hour,
  /// the text names what clocks show: what they leave out is left out, and what they show twice is
  /// there twice. With any other hour it names moments of a day, and each is there once: one that
  /// clocks leave out is there as soon as they go on, and of one that they show twice the first
  /// counts.
  std::optional<time_ms> next(time_ms after, const time_zone& zone) const;

private:
  struct day {
    int number = 1;  ///< In the month.
    int weekday = 0; ///< From Sunday on.
    int last = 31;   ///< Number of the last day of this month.
  };

  bool has(const day& x) const;
  bool has_days_of_month(const day& x) const;
  bool has_days_of_week(const day& x) const;
  std::optional<int> next_minute(int from) const;
  std::optional<time_ms> next_local(time_ms from, time_ms end) const;

  std::bitset<60> minutes_;
  std::bitset<24> hours_;
  std::bitset<32> days_;
  std::bitset<13> months_;
  std::bitset<7> weekdays_;
  std::bitset<7> last_weekdays_;
  std::bitset<36> counted_weekdays_; ///< 7 * (count - 1) + weekday.
  bool last_day_ = false;
  bool any_day_ = false;     ///< The day of the month is not restricted.
  bool any_weekday_ = false; ///< Nor is that of the week.
  bool follows_clock_ = false;
};

} // namespace varia
