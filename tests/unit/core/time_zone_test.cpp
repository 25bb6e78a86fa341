#include "core/time_zone.hpp"

#include <boost/test/unit_test.hpp>

using namespace varia;

BOOST_AUTO_TEST_SUITE(time_zone_test)

BOOST_AUTO_TEST_CASE(finds_zones_by_their_name) {
  for (auto name : {"UTC", "Europe/Berlin", "America/Argentina/Ushuaia", "Etc/GMT+5"})
    BOOST_TEST(!!time_zone::find(name), name);
}

BOOST_AUTO_TEST_CASE(refuses_what_is_no_zone) {
  for (auto name : {"", "Europe/Atlantis", "europe/berlin ", "../etc/passwd", "CEST"})
    BOOST_TEST(!time_zone::find(name), name);
}

BOOST_AUTO_TEST_CASE(renders_moments_by_its_clocks) {
  auto berlin = *time_zone::find("Europe/Berlin");
  BOOST_TEST(berlin.render(parse_iso_z("2026-03-29T00:59:59Z")) == "2026-03-29T01:59:59+01:00");
  BOOST_TEST(berlin.render(parse_iso_z("2026-03-29T01:00:00Z")) == "2026-03-29T03:00:00+02:00");
  auto marquesas = *time_zone::find("Pacific/Marquesas");
  BOOST_TEST(marquesas.render(parse_iso_z("2026-01-01T00:00:00Z")) == "2025-12-31T14:30:00-09:30");
  BOOST_TEST(time_zone{}.render(parse_iso_z("2026-01-01T00:00:00Z"))
             == "2026-01-01T00:00:00+00:00");
}

BOOST_AUTO_TEST_CASE(its_spans_follow_upon_each_other) {
  auto zone = *time_zone::find("America/New_York");
  auto span = zone.span_at(parse_iso_z("2026-01-01T00:00:00Z"));
  BOOST_TEST(to_iso_z(span.end) == "2026-03-08T07:00:00.000Z");
  auto following = zone.span_at(span.end);
  BOOST_TEST(following.begin == span.end);
  BOOST_TEST((following.offset - span.offset == std::chrono::hours{1}));
}

BOOST_AUTO_TEST_SUITE_END()
