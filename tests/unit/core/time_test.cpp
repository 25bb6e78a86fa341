#include "core/time.hpp"

#include <boost/test/unit_test.hpp>

using namespace varia;

BOOST_AUTO_TEST_SUITE(time_test)

BOOST_AUTO_TEST_CASE(renders_moments_as_the_wire_wants_them) {
  BOOST_TEST(to_iso_z(1795365659838) == "2026-11-22T16:40:59.838Z");
  BOOST_TEST(to_iso_offset(1795365659838) == "2026-11-22T16:40:59.838+00:00");
  BOOST_TEST(to_iso_z(0) == "1970-01-01T00:00:00.000Z");
  BOOST_TEST(to_iso_z(-1) == "1969-12-31T23:59:59.999Z");
}

BOOST_AUTO_TEST_CASE(reads_what_it_rendered) {
  for (time_ms at :
       {time_ms{0}, time_ms{951782400000}, time_ms{1795365659838}, time_ms{4102444799999}})
    BOOST_TEST(parse_iso_z(to_iso_z(at)) == at);
}

BOOST_AUTO_TEST_CASE(fractions_may_be_absent_short_or_long) {
  BOOST_TEST(parse_iso_z("2026-11-22T16:40:59Z") == 1795365659000);
  BOOST_TEST(parse_iso_z("2026-11-22T16:40:59.8Z") == 1795365659800);
  BOOST_TEST(parse_iso_z("2026-11-22T16:40:59.838999Z") == 1795365659838);
}

BOOST_AUTO_TEST_CASE(knows_the_calendar) {
  BOOST_TEST(parse_iso_z("2024-02-29T00:00:00Z") == 1709164800000);
  BOOST_TEST(parse_iso_z("2026-02-29T00:00:00Z") == -1);
  BOOST_TEST(parse_iso_z("2026-13-01T00:00:00Z") == -1);
  BOOST_TEST(parse_iso_z("2026-12-01T24:00:00Z") == -1);
}

BOOST_AUTO_TEST_CASE(refuses_other_forms) {
  for (auto text :
       {"", "Z", "now", "2026-11-22", "2026-11-22T16:40:59", "2026-11-22T16:40:59+00:00",
        "2026-11-22 16:40:59Z", "2026-11-22T16:40:59.Z", "2026-11-22T16:40:59.8x8Z",
        "2026-11-22T16:40:5Z", "12026-11-22T16:40:59Z", "2026-1a-22T16:40:59Z"})
    BOOST_TEST(parse_iso_z(text) == -1, text);
}

BOOST_AUTO_TEST_CASE(the_clock_runs_in_this_century) {
  BOOST_TEST(now_ms() > parse_iso_z("2024-01-01T00:00:00Z"));
}

BOOST_AUTO_TEST_SUITE_END()
