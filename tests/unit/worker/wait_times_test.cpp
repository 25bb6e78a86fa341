#include "worker/wait_times.hpp"

#include <boost/test/unit_test.hpp>

using namespace varia;
using namespace std::chrono_literals;

BOOST_AUTO_TEST_SUITE(wait_times_test)

BOOST_AUTO_TEST_CASE(are_nothing_at_first) {
  wait_times times;
  BOOST_TEST((times.p99(0) == 0ms));
  BOOST_TEST((times.longest(0) == 0ms));
}

BOOST_AUTO_TEST_CASE(leave_one_of_a_hundred_out) {
  wait_times times;
  for (auto i = 1; i <= 200; ++i)
    times.add(0, milliseconds{i});
  BOOST_TEST((times.p99(0) == 198ms));
  BOOST_TEST((times.longest(0) == 200ms));
}

BOOST_AUTO_TEST_CASE(forget_what_was_long_ago) {
  wait_times times;
  times.add(0, 500ms);
  times.add(50000, 20ms);
  BOOST_TEST((times.longest(60000) == 500ms));
  BOOST_TEST((times.longest(60001) == 20ms));
}

BOOST_AUTO_TEST_CASE(remember_so_many_only) {
  wait_times times;
  times.add(0, 500ms);
  for (auto i = 0; i < 1000; ++i)
    times.add(0, 20ms);
  BOOST_TEST((times.longest(0) == 20ms));
}

BOOST_AUTO_TEST_SUITE_END()
