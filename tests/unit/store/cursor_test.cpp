#include "core/text.hpp"
#include "store/cursor.hpp"

#include <boost/test/unit_test.hpp>

using namespace varia;

BOOST_AUTO_TEST_SUITE(cursor_test)

BOOST_AUTO_TEST_CASE(a_place_is_read_as_it_was_written) {
  for (auto x :
       {record_place{0}, record_place{1700000000000007}, record_place{18446744073709551615u}}) {
    auto place = parse_cursor(to_cursor(x));
    BOOST_TEST_REQUIRE(!!place);
    BOOST_TEST(*place == x);
  }
}

BOOST_AUTO_TEST_CASE(other_texts_are_invalid) {
  for (auto plain : {"", "2:", "2:-", "2:5-", "2:-5", "2:5x", "1:5-0", "5", "2:05", "2:5 ",
                     "2:18446744073709551616", "2:5:0"}) {
    auto place = parse_cursor(base64url(plain));
    BOOST_TEST(!place, plain);
    BOOST_TEST((code_of(place.error()) == errc::invalid));
  }
  for (auto text : {"zzz", "!", "2:5", "MjoxMg=="})
    BOOST_TEST(!parse_cursor(text), text);
}

BOOST_AUTO_TEST_CASE(a_place_tells_the_time_of_its_change) {
  BOOST_TEST(time_of(1700000000123456) == 1700000000123);
  BOOST_TEST(first_place_at(1700000000123) == 1700000000123000u);
  BOOST_TEST(time_of(first_place_at(1700000000123) - 1) == 1700000000122);
  BOOST_TEST(first_place_at(-1) == 0u);
}

BOOST_AUTO_TEST_SUITE_END()
