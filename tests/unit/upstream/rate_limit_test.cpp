#include "upstream/rate_limit.hpp"

#include <boost/test/unit_test.hpp>

using namespace varia;
using namespace std::chrono_literals;

BOOST_AUTO_TEST_SUITE(rate_limit_test)

BOOST_AUTO_TEST_CASE(leaves_small_limits_as_they_are) {
  BOOST_TEST(bounded({10, 1s}).requests == 10U);
  BOOST_TEST((bounded({10, 1s}).per == 1s));
  BOOST_TEST(bounded({0, 1s}).requests == 0U);
}

BOOST_AUTO_TEST_CASE(splits_large_limits_without_allowing_more) {
  auto hourly = bounded({5000, 1h});
  BOOST_TEST(hourly.requests == 1000U);
  BOOST_TEST((hourly.per == 12min));
  auto odd = bounded({3000, 1s});
  BOOST_TEST(odd.requests == 1000U);
  BOOST_TEST((odd.per == 334ms));
  BOOST_TEST((bounded({1'000'000, 1ms}).per == 1ms));
}

BOOST_AUTO_TEST_CASE(gives_requests_time_to_arrive) {
  BOOST_TEST((arrival_margin({10, 1s}) == 200ms));
  BOOST_TEST((arrival_margin({10, 2s}) == 200ms));
  BOOST_TEST((arrival_margin({10, 100ms}) == 20ms));
  BOOST_TEST((arrival_margin({10, 1min}) == 3s));
  BOOST_TEST((arrival_margin({10, 1ms}) == 1ms));
}

BOOST_AUTO_TEST_SUITE_END()
