#include "worker/run_admission.hpp"

#include <boost/test/unit_test.hpp>

using namespace varia;

BOOST_AUTO_TEST_SUITE(run_admission_test)

BOOST_AUTO_TEST_CASE(takes_the_defaults_unless_the_integration_says_otherwise) {
  run_limits defaults{3, 7};
  for (auto settings : {"", "{}", R"({"base_url":"http://a/runs"})", R"({"runs":null})", "[1]"}) {
    auto limits = read_run_limits(settings, defaults);
    BOOST_TEST(limits.per_connection == 3U);
    BOOST_TEST(limits.per_integration == 7U);
  }
}

BOOST_AUTO_TEST_CASE(lets_an_integration_replace_each_default) {
  auto limits = read_run_limits(R"({"runs":{"per_connection":1}})", {3, 7});
  BOOST_TEST(limits.per_connection == 1U);
  BOOST_TEST(limits.per_integration == 7U);
  limits = read_run_limits(R"({"runs":{"per_connection":0,"total":9}})", {3, 7});
  BOOST_TEST(limits.per_connection == 0U);
  BOOST_TEST(limits.per_integration == 9U);
  BOOST_TEST(limits.are_set());
  BOOST_TEST(!read_run_limits(R"({"runs":{"per_connection":0,"total":0}})", {3, 7}).are_set());
}

BOOST_AUTO_TEST_SUITE_END()
