#include "webhooks/circuit_breaker.hpp"

#include <boost/test/unit_test.hpp>

using namespace varia;

namespace {

using namespace std::chrono_literals;

struct fixture {
  circuit_breaker breaker;

  void fail(int times, time_ms at, const std::string& url = "a") {
    for (auto i = 0; i < times; ++i)
      breaker.fail(url, at);
  }
};

} // namespace

BOOST_FIXTURE_TEST_SUITE(circuit_breaker_test, fixture)

BOOST_AUTO_TEST_CASE(opens_after_enough_failures_in_a_short_time) {
  fail(4, 1000);
  BOOST_TEST(breaker.ask("a", 1000).count() == 0);
  fail(1, 1000);
  BOOST_TEST(breaker.ask("a", 1000).count() == 60'000);
  BOOST_TEST(breaker.ask("a", 31'000).count() == 30'000);
}

BOOST_AUTO_TEST_CASE(failures_that_are_far_apart_do_not_open_it) {
  for (time_ms at = 0; at < 100'000; at += 3000)
    breaker.fail("a", at);
  BOOST_TEST(breaker.ask("a", 100'000).count() == 0);
}

BOOST_AUTO_TEST_CASE(one_open_circuit_holds_no_other) {
  fail(5, 0);
  BOOST_TEST(breaker.ask("a", 1).count() > 0);
  BOOST_TEST(breaker.ask("b", 1).count() == 0);
}

BOOST_AUTO_TEST_CASE(after_a_while_one_try_decides) {
  fail(5, 0);
  BOOST_TEST(breaker.ask("a", 60'000).count() == 0);
  BOOST_TEST(breaker.ask("a", 60'000).count() == 1000);
  breaker.fail("a", 60'500);
  BOOST_TEST(breaker.ask("a", 61'000).count() == 59'500);
  BOOST_TEST(breaker.ask("a", 120'500).count() == 0);
  breaker.succeed("a");
  BOOST_TEST(breaker.ask("a", 120'501).count() == 0);
  BOOST_TEST(breaker.ask("a", 120'501).count() == 0);
}

BOOST_AUTO_TEST_CASE(a_try_that_was_withdrawn_leaves_its_turn_to_the_next) {
  fail(5, 0);
  BOOST_TEST(breaker.ask("a", 60'000).count() == 0);
  breaker.withdraw("a");
  BOOST_TEST(breaker.ask("a", 60'000).count() == 0);
}

BOOST_AUTO_TEST_CASE(a_success_forgets_the_failures_before_it) {
  fail(4, 0);
  breaker.succeed("a");
  fail(4, 1);
  BOOST_TEST(breaker.ask("a", 2).count() == 0);
}

BOOST_AUTO_TEST_CASE(remembers_a_bounded_number_of_circuits) {
  circuit_rules rules;
  rules.circuits_max = 2;
  circuit_breaker small{rules};
  for (auto url : {"a", "b", "c"})
    for (auto i = 0; i < 5; ++i)
      small.fail(url, 0);
  auto open = 0;
  for (auto url : {"a", "b", "c"})
    open += small.ask(url, 1) > 0ms ? 1 : 0;
  BOOST_TEST(open == 2);
}

BOOST_AUTO_TEST_SUITE_END()
