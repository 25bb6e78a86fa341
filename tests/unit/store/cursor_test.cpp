#include "core/text.hpp"
#include "store/cursor.hpp"

#include <boost/test/unit_test.hpp>

using namespace varia;

BOOST_AUTO_TEST_SUITE(cursor_test)

BOOST_AUTO_TEST_CASE(a_place_is_read_as_it_was_written) {
  for (auto& x : {change_place{0, 0}, change_place{1700000000000, 7},
                  change_place{18446744073709551615u, 18446744073709551615u}}) {
    auto place = parse_cursor(to_cursor(x));
    BOOST_TEST_REQUIRE(!!place);
    BOOST_TEST(place->ms == x.ms);
    BOOST_TEST(place->number == x.number);
  }
}

BOOST_AUTO_TEST_CASE(other_texts_are_invalid) {
  for (auto plain : {"", "1:", "1:5", "1:-", "1:5-", "1:-5", "1:5-x", "2:5-0", "5-0", "1:05-0",
                     "1:5-0 ", "1:18446744073709551616-0", "1:5-0-0"}) {
    auto place = parse_cursor(base64url(plain));
    BOOST_TEST(!place, plain);
    BOOST_TEST((code_of(place.error()) == errc::invalid));
  }
  for (auto text : {"zzz", "!", "1:5-0", "MTo1LTA="})
    BOOST_TEST(!parse_cursor(text), text);
}

BOOST_AUTO_TEST_CASE(places_are_ordered_by_time_and_number) {
  BOOST_TEST((change_place{1, 9} < change_place{2, 0}));
  BOOST_TEST((change_place{2, 9} < change_place{2, 10}));
  BOOST_TEST(!(change_place{2, 10} < change_place{2, 10}));
}

BOOST_AUTO_TEST_SUITE_END()
