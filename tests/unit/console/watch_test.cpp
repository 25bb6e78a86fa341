#include "console/watch.hpp"

#include <boost/test/unit_test.hpp>

#include <algorithm>

using namespace varia;

BOOST_AUTO_TEST_SUITE(watch_test)

BOOST_AUTO_TEST_CASE(a_frame_takes_the_place_of_the_one_before) {
  BOOST_TEST(frame_of("title", "a\nb\n", 24)
             == "\x1b[?7l\x1b[Htitle\x1b[K\n\x1b[K\na\x1b[K\nb\x1b[K\n\x1b[J\x1b[?7h");
}

BOOST_AUTO_TEST_CASE(a_frame_is_no_higher_than_the_terminal_and_says_what_is_missing) {
  auto frame = frame_of("title", "1\n2\n3\n4\n5\n6\n7\n8\n", 10);
  BOOST_TEST(std::count(frame.begin(), frame.end(), '\n') == 9);
  BOOST_TEST(frame.find("6\x1b[K\n... and 2 more lines") != std::string::npos);
  BOOST_TEST(frame_of("title", "1\n2\n3\n4\n5\n6\n7\n", 10).find("more") == std::string::npos);
}

BOOST_AUTO_TEST_SUITE_END()
