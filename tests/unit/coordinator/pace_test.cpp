#include "coordinator/pace.hpp"

#include <boost/test/unit_test.hpp>

using namespace varia;

BOOST_AUTO_TEST_SUITE(pace_test)

BOOST_AUTO_TEST_CASE(lets_a_tenth_of_a_second_through_at_once) {
  pace steps{1000};
  BOOST_TEST(steps.take(500, 0) == 100u);
  BOOST_TEST(steps.take(500, 0) == 0u);
}

BOOST_AUTO_TEST_CASE(lets_as_many_through_as_time_has_passed) {
  pace steps{1000};
  steps.take(500, 0);
  BOOST_TEST(steps.take(500, 20) == 20u);
  BOOST_TEST(steps.take(5, 60) == 5u);
  BOOST_TEST(steps.take(500, 60) == 35u);
}

BOOST_AUTO_TEST_CASE(saves_up_no_more_than_that) {
  pace steps{1000};
  BOOST_TEST(steps.take(0, 0) == 0u);
  BOOST_TEST(steps.take(5000, 3'600'000) == 100u);
}

BOOST_AUTO_TEST_CASE(never_lets_more_through_in_a_second_than_it_says) {
  for (uint32_t per_s : {10u, 77u, 5000u}) {
    pace steps{per_s};
    size_t passed = 0;
    for (time_ms now = 0; now <= 10'000; now += 7)
      passed += steps.take(1000, now);
    BOOST_TEST(passed <= per_s * 10 + per_s / 10 + 1);
    BOOST_TEST(passed >= per_s * 9);
  }
}

BOOST_AUTO_TEST_SUITE_END()
