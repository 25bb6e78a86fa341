#include "core/frequency.hpp"

#include <boost/test/data/test_case.hpp>
#include <boost/test/unit_test.hpp>

#include <utility>

using namespace varia;
using namespace std::chrono_literals;

namespace {

struct reading {
  const char* text;
  milliseconds period;
};

std::ostream& operator<<(std::ostream& out, const reading& x) {
  return out << '"' << x.text << '"';
}

struct short_form {
  const char* text;
  const char* answer;
};

std::ostream& operator<<(std::ostream& out, const short_form& x) {
  return out << '"' << x.text << '"';
}

const reading readings[] = {
  {"every 5m", 5min},
  {"30s", 30s},
  {"every 2 hours", 2h},
  {"1 day", 24h},
  {"every 45 secs", 45s},
  {"31sec", 31s},
  {"40 second", 40s},
  {"40seconds", 40s},
  {"1 min", 1min},
  {"2mins", 2min},
  {"every 1 minute", 1min},
  {"10 minutes", 10min},
  {"3h", 3h},
  {"3hr", 3h},
  {"3 hrs", 3h},
  {"1hour", 1h},
  {"2d", 48h},
  {"every 7 days", 168h},
  {"every hour", 1h},
  {"every day", 24h},
  {"every week", 168h},
  {"every month", 720h},
  {"every half day", 12h},
  {"every half hour", 30min},
  {"every quarter hour", 15min},
  {"every minute", 1min},
  {"hour", 1h},
  {"week", 168h},
  {"half hour", 30min},
  {"every\x20\tminute", 1min},
  {"every 0005m", 5min},
  {"every 36500 days", 876000h},
};

const char* const refused[] = {
  "",
  "every",
  "every ",
  "5",
  "every 5",
  "5 5m",
  "every 10s",
  "29s",
  "every 0m",
  "0 days",
  "s",
  "every second",
  "every 3 weeks",
  "every 3 week",
  "2 months",
  "*/5 * * * *",
  "Every 5m",
  "every 5M",
  "every 5m ",
  " every 5m",
  "every  5m",
  "5  m",
  "every -5m",
  "+5m",
  "5.5m",
  "every every 5m",
  "hourly",
  "5m\n",
  "99999999999999999999d",
  "every 4294967295 days",
  "half",
  "every half",
  "1 half hour",
};

const short_form short_forms[] = {
  {"every 5m", "5m"},
  {"10 minutes", "10 minutes"},
  {"every 10 minutes", "10 minutes"},
  {"every hour", "1h"},
  {"every day", "1d"},
  {"every week", "1w"},
  {"every month", "30d"},
  {"every half day", "12h"},
  {"every half hour", "30m"},
  {"every quarter hour", "15m"},
  {"half hour", "half hour"},
  {"every so often", "so often"},
  {"never", "never"},
};

} // namespace

BOOST_AUTO_TEST_SUITE(frequency_test)

BOOST_DATA_TEST_CASE(reads_what_the_contract_allows, boost::unit_test::data::make(readings)) {
  auto period = parse_frequency(sample.text);
  BOOST_REQUIRE(period);
  BOOST_TEST(period->count() == sample.period.count());
}

BOOST_DATA_TEST_CASE(refuses_everything_else, boost::unit_test::data::make(refused)) {
  auto period = parse_frequency(sample);
  BOOST_REQUIRE(!period);
  BOOST_TEST((code_of(period.error()) == errc::invalid));
}

BOOST_AUTO_TEST_CASE(says_that_a_short_period_is_too_short) {
  auto period = parse_frequency("every 10s");
  BOOST_REQUIRE(!period);
  BOOST_TEST(detail_of(period.error()).find("30 seconds") != std::string::npos);
}

BOOST_AUTO_TEST_CASE(refuses_a_text_with_a_zero_byte) {
  BOOST_TEST(!parse_frequency(std::string{"5m\0", 3}));
}

BOOST_DATA_TEST_CASE(shortens_as_the_api_answers, boost::unit_test::data::make(short_forms)) {
  BOOST_TEST(shorten_frequency(sample.text) == sample.answer);
}

BOOST_AUTO_TEST_SUITE_END()
