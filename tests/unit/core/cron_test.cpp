#include "core/cron.hpp"

#include <boost/test/unit_test.hpp>

#include <array>
#include <cstdlib>
#include <ctime>
#include <random>
#include <set>
#include <sstream>
#include <string>
#include <vector>

using namespace varia;

namespace {

constexpr time_ms minute = 60'000;
constexpr time_ms hour = 60 * minute;
constexpr time_ms day = 24 * hour;

time_zone zone_of(const std::string& name) {
  auto found = time_zone::find(name);
  BOOST_TEST_REQUIRE(!!found, name);
  return *found;
}

cron cron_of(const std::string& text) {
  auto parsed = cron::parse(text);
  BOOST_TEST_REQUIRE(!!parsed, text);
  return *parsed;
}

// The next moments of a cron text, rendered in its zone without seconds.
std::vector<std::string> moments(const std::string& text, const std::string& zone_name,
                                 const std::string& after, size_t count) {
  auto zone = zone_of(zone_name);
  auto parsed = cron_of(text);
  std::vector<std::string> result;
  for (auto at = parsed.next(parse_iso_z(after), zone); at && result.size() < count;
       at = parsed.next(*at, zone)) {
    auto rendered = zone.render(*at);
    result.push_back(rendered.substr(0, 16) + rendered.substr(19));
  }
  return result;
}

using texts = std::vector<std::string>;

// The slow oracle: it looks at every minute with the C library's clocks, and reads fields that are
// made of numbers, ranges, steps and lists in the most simple-minded way.
namespace oracle {

bool part_has(const std::string& part, int value, int first, int last) {
  auto slash = part.find('/');
  auto range = part.substr(0, slash);
  auto step = slash == std::string::npos ? 1 : std::stoi(part.substr(slash + 1));
  auto dash = range.find('-');
  auto low = range == "*" ? first : std::stoi(range.substr(0, dash));
  auto high = range == "*"                 ? last
              : dash != std::string::npos  ? std::stoi(range.substr(dash + 1))
              : slash != std::string::npos ? last
                                           : low;
  return low <= value && value <= high && (value - low) % step == 0;
}

bool field_has(const std::string& field, int value, int first, int last) {
  std::istringstream parts{field};
  for (std::string part; std::getline(parts, part, ',');)
    if (part_has(part, value, first, last))
      return true;
  return false;
}

struct text {
  std::array<std::string, 5> fields;

  bool matches(const std::tm& at) const {
    auto by_number = field_has(fields[2], at.tm_mday, 1, 31);
    auto by_weekday = field_has(fields[4], at.tm_wday, 0, 6);
    auto either = fields[2][0] != '*' && fields[4][0] != '*';
    return field_has(fields[0], at.tm_min, 0, 59) && field_has(fields[1], at.tm_hour, 0, 23)
           && field_has(fields[3], at.tm_mon + 1, 1, 12)
           && (either ? by_number || by_weekday : by_number && by_weekday);
  }

  bool follows_clock() const { return fields[1][0] == '*'; }

  std::string whole() const {
    return fields[0] + ' ' + fields[1] + ' ' + fields[2] + ' ' + fields[3] + ' ' + fields[4];
  }
};

// What the clocks show, as the seconds of a clock that is never changed.
time_t shown(time_ms at) {
  std::tm fields{};
  auto seconds = static_cast<time_t>(at / 1000);
  localtime_r(&seconds, &fields);
  return timegm(&fields);
}

std::tm fields_of(time_t wall) {
  std::tm result{};
  gmtime_r(&wall, &result);
  return result;
}

std::vector<time_ms> moments(const text& x, time_ms from, time_ms to) {
  std::vector<time_ms> result;
  std::set<time_t> seen;
  auto before = shown(from);
  for (auto at = from + minute; at < to; at += minute) {
    auto wall = shown(at);
    auto is_due = x.matches(fields_of(wall)) && (x.follows_clock() || seen.count(wall) == 0);
    if (!x.follows_clock())
      for (auto left_out = before + 60; left_out < wall; left_out += 60)
        is_due = is_due || x.matches(fields_of(left_out));
    seen.insert(wall);
    if (is_due)
      result.push_back(at);
    before = wall;
  }
  return result;
}

} // namespace oracle

// One of some texts, at random.
std::string one_of(std::mt19937_64& chance, const texts& from) {
  return from[chance() % from.size()];
}

oracle::text random_text(std::mt19937_64& chance) {
  return {{one_of(chance, {"*", "0", "30", "*/15", "7,45", "10-20/5", "59", "5/20"}),
           one_of(chance, {"*", "*/2", "*/3", "0", "1", "2", "3", "1-3", "23,0", "2/7", "0-23"}),
           one_of(chance, {"*", "*", "*", "1", "*/2", "25-31", "1,15,30"}),
           one_of(chance, {"*", "*", "*", "3,10,11", "*/2", "1-11/5"}),
           one_of(chance, {"*", "*", "*", "0", "1-5", "6", "*/2"})}};
}

const texts& many_zones() {
  static const texts all{
    "Africa/Cairo",        "Africa/Casablanca", "America/Havana",     "America/New_York",
    "America/Sao_Paulo",   "America/St_Johns",  "America/Santiago",   "Antarctica/Troll",
    "Asia/Amman",          "Asia/Beirut",       "Asia/Gaza",          "Asia/Jerusalem",
    "Asia/Kathmandu",      "Asia/Pyongyang",    "Asia/Tehran",        "Atlantic/Azores",
    "Australia/Lord_Howe", "Australia/Sydney",  "Europe/Berlin",      "Europe/Dublin",
    "Europe/Istanbul",     "Europe/London",     "Europe/Moscow",      "Pacific/Apia",
    "Pacific/Chatham",     "Pacific/Easter",    "Pacific/Kiritimati", "Pacific/Norfolk"};
  return all;
}

// The changes of a zone's clocks from 2005 to 2036.
std::vector<time_ms> changes_of(const time_zone& zone) {
  std::vector<time_ms> result;
  auto until = parse_iso_z("2036-12-01T00:00:00Z");
  for (auto span = zone.span_at(parse_iso_z("2005-01-01T00:00:00Z")); span.end < until;
       span = zone.span_at(span.end))
    result.push_back(span.end);
  return result;
}

void set_clocks(const std::string& zone) {
  setenv("TZ", (":" + zone).c_str(), 1);
  tzset();
}

} // namespace

BOOST_AUTO_TEST_SUITE(cron_test)

BOOST_AUTO_TEST_CASE(finds_the_moments_of_simple_texts) {
  BOOST_TEST(moments("30 6 * * *", "UTC", "2026-03-01T06:30:00Z", 2)
               == (texts{"2026-03-02T06:30+00:00", "2026-03-03T06:30+00:00"}),
             boost::test_tools::per_element());
  BOOST_TEST(
    moments("*/20 9-10 * * MON-FRI", "UTC", "2026-03-06T10:30:00Z", 3)
      == (texts{"2026-03-06T10:40+00:00", "2026-03-09T09:00+00:00", "2026-03-09T09:20+00:00"}),
    boost::test_tools::per_element());
  BOOST_TEST(moments("@monthly", "UTC", "2026-12-05T00:00:00Z", 1)
               == (texts{"2027-01-01T00:00+00:00"}),
             boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(either_field_of_days_suffices_where_both_are_restricted) {
  BOOST_TEST(moments("0 0 13 * FRI", "UTC", "2026-03-01T00:00:00Z", 4)
               == (texts{"2026-03-06T00:00+00:00", "2026-03-13T00:00+00:00",
                         "2026-03-20T00:00+00:00", "2026-03-27T00:00+00:00"}),
             boost::test_tools::per_element());
  BOOST_TEST(moments("0 0 13 * *", "UTC", "2026-03-14T00:00:00Z", 1)
               == (texts{"2026-04-13T00:00+00:00"}),
             boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(knows_last_days_and_counted_weekdays) {
  BOOST_TEST(moments("0 0 L 2 *", "UTC", "2027-01-01T00:00:00Z", 2)
               == (texts{"2027-02-28T00:00+00:00", "2028-02-29T00:00+00:00"}),
             boost::test_tools::per_element());
  BOOST_TEST(moments("0 0 * * FRIL", "UTC", "2026-03-01T00:00:00Z", 2)
               == (texts{"2026-03-27T00:00+00:00", "2026-04-24T00:00+00:00"}),
             boost::test_tools::per_element());
  BOOST_TEST(
    moments("0 0 * * 1#2,7#5", "UTC", "2026-03-01T00:00:00Z", 3)
      == (texts{"2026-03-09T00:00+00:00", "2026-03-29T00:00+00:00", "2026-04-13T00:00+00:00"}),
    boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(a_week_may_begin_and_end_with_sunday) {
  for (auto text : {"0 0 * * 0", "0 0 * * 7", "0 0 * * sun"})
    BOOST_TEST(moments(text, "UTC", "2026-03-01T00:00:00Z", 1) == (texts{"2026-03-08T00:00+00:00"}),
               boost::test_tools::per_element());
  BOOST_TEST(moments("0 0 * * SAT-SUN", "UTC", "2026-03-01T00:00:00Z", 2)
               == (texts{"2026-03-07T00:00+00:00", "2026-03-08T00:00+00:00"}),
             boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(waits_for_rare_days) {
  BOOST_TEST(moments("0 0 29 2 *", "UTC", "2096-03-01T00:00:00Z", 1)
               == (texts{"2104-02-29T00:00+00:00"}),
             boost::test_tools::per_element());
  BOOST_TEST(moments("0 0 * 2 MON#5", "UTC", "2026-01-01T00:00:00Z", 1)
               == (texts{"2044-02-29T00:00+00:00"}),
             boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(refuses_what_is_no_cron_text) {
  for (auto text : {"",
                    "* * * *",
                    "* * * * * *",
                    "60 * * * *",
                    "* 24 * * *",
                    "* * 0 * *",
                    "* * 32 * *",
                    "* * * 13 *",
                    "* * * * 8",
                    "*/0 * * * *",
                    "5-1 * * * *",
                    "a * * * *",
                    "1,,2 * * * *",
                    "* * * * MON#6",
                    "* * * * L",
                    "* * * FOO *",
                    "1- * * * *",
                    "-1 * * * *",
                    "@never",
                    "* * * * FRI-MON",
                    "1/ * * * *",
                    "0x1 * * * *"})
    BOOST_TEST(!cron::parse(text), text);
  BOOST_TEST(!cron::parse("0 0 " + std::string(300, '1') + " * *"));
}

BOOST_AUTO_TEST_CASE(refuses_days_that_never_come) {
  for (auto text : {"0 0 31 2 *", "0 0 30 2 *", "0 0 31 4,6,9,11 *"})
    BOOST_TEST(!cron::parse(text), text);
}

BOOST_AUTO_TEST_CASE(what_clocks_leave_out_is_there_as_soon_as_they_go_on) {
  BOOST_TEST(
    moments("30 2 * * *", "Europe/Berlin", "2026-03-28T00:00:00Z", 3)
      == (texts{"2026-03-28T02:30+01:00", "2026-03-29T03:00+02:00", "2026-03-30T02:30+02:00"}),
    boost::test_tools::per_element());
  BOOST_TEST(
    moments("0,30 2,3 * * *", "Europe/Berlin", "2026-03-28T22:00:00Z", 3)
      == (texts{"2026-03-29T03:00+02:00", "2026-03-29T03:30+02:00", "2026-03-30T02:00+02:00"}),
    boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(of_what_clocks_show_twice_the_first_counts) {
  BOOST_TEST(
    moments("30 2 * * *", "Europe/Berlin", "2026-10-24T01:00:00Z", 3)
      == (texts{"2026-10-25T02:30+02:00", "2026-10-26T02:30+01:00", "2026-10-27T02:30+01:00"}),
    boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(with_a_star_as_the_hour_it_is_what_clocks_show) {
  BOOST_TEST(moments("30 * * * *", "Europe/Berlin", "2026-03-29T00:00:00Z", 2)
               == (texts{"2026-03-29T01:30+01:00", "2026-03-29T03:30+02:00"}),
             boost::test_tools::per_element());
  BOOST_TEST(
    moments("30 * * * *", "Europe/Berlin", "2026-10-25T00:00:00Z", 3)
      == (texts{"2026-10-25T02:30+02:00", "2026-10-25T02:30+01:00", "2026-10-25T03:30+01:00"}),
    boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(a_day_that_a_country_leaves_out_is_made_up_for_once) {
  BOOST_TEST(
    moments("0 9 * * *", "Pacific/Apia", "2011-12-29T00:00:00Z", 3)
      == (texts{"2011-12-29T09:00-10:00", "2011-12-31T00:00+14:00", "2011-12-31T09:00+14:00"}),
    boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(agrees_with_a_slow_oracle_around_changes_of_many_zones) {
  std::mt19937_64 chance{20260329};
  size_t compared = 0;
  for (auto& name : many_zones()) {
    auto zone = zone_of(name);
    auto changes = changes_of(zone);
    std::shuffle(changes.begin(), changes.end(), chance);
    changes.resize(std::min<size_t>(changes.size(), 5));
    changes.push_back(parse_iso_z("2026-06-10T00:00:00Z"));
    set_clocks(name);
    for (auto change : changes) {
      auto from = change - change % minute - 2 * day;
      auto to = from + 4 * day;
      for (auto n = 0; n < 3; ++n) {
        auto text = random_text(chance);
        auto parsed = cron_of(text.whole());
        std::vector<time_ms> found;
        for (auto at = parsed.next(from, zone); at && *at < to; at = parsed.next(*at, zone))
          found.push_back(*at);
        auto wanted = oracle::moments(text, from, to);
        compared += wanted.size();
        BOOST_TEST_REQUIRE(found == wanted, name << ": " << text.whole() << " from "
                                                 << to_iso_z(from) << ": " << found.size()
                                                 << " moments, not " << wanted.size());
      }
    }
  }
  unsetenv("TZ");
  tzset();
  BOOST_TEST(compared > 1000u);
}

BOOST_AUTO_TEST_CASE(agrees_with_the_oracle_wherever_it_begins) {
  std::mt19937_64 chance{7};
  set_clocks("America/Havana");
  auto zone = zone_of("America/Havana");
  auto changes = changes_of(zone);
  for (auto n = 0; n < 60; ++n) {
    auto change = changes[chance() % changes.size()];
    auto from = change - change % minute - day;
    auto text = random_text(chance);
    auto wanted = oracle::moments(text, from, from + 3 * day);
    auto after = from + static_cast<time_ms>(chance() % (2 * day));
    auto next = std::upper_bound(wanted.begin(), wanted.end(), after);
    auto found = cron_of(text.whole()).next(after, zone);
    if (next != wanted.end())
      BOOST_TEST((found && *found == *next), text.whole() << " after " << to_iso_z(after));
  }
  unsetenv("TZ");
  tzset();
}

BOOST_AUTO_TEST_SUITE_END()
