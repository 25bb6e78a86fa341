#include "core/seldom.hpp"

#include <boost/test/unit_test.hpp>

using namespace varia;
using namespace std::chrono_literals;

BOOST_AUTO_TEST_SUITE(seldom_test)

BOOST_AUTO_TEST_CASE(says_a_thing_again_only_after_the_pause) {
  seldom log{60s};
  BOOST_TEST(log.may_say("w1", 5s));
  BOOST_TEST(!log.may_say("w1", 64s));
  BOOST_TEST(log.may_say("w1", 65s));
  BOOST_TEST(!log.may_say("w1", 66s));
}

BOOST_AUTO_TEST_CASE(keeps_subjects_apart) {
  seldom log{60s};
  BOOST_TEST(log.may_say("w1", 0s));
  BOOST_TEST(log.may_say("w2", 0s));
}

BOOST_AUTO_TEST_CASE(is_not_flooded_by_new_subjects) {
  seldom log{60s, 2};
  BOOST_TEST(log.may_say("a", 0s));
  BOOST_TEST(log.may_say("b", 1s));
  BOOST_TEST(!log.may_say("c", 2s));
  BOOST_TEST(log.may_say("c", 60s));
  BOOST_TEST(!log.may_say("d", 60s));
}

BOOST_AUTO_TEST_SUITE_END()
