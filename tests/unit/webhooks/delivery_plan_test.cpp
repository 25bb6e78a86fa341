#include "webhooks/delivery_plan.hpp"

#include <boost/test/unit_test.hpp>

using namespace varia;

namespace {

using namespace std::chrono_literals;

const delivery_rules rules;

outbox_settlement plan(const delivery_outcome& x, int tries = 0, milliseconds age = 0ms,
                       double chance = 0) {
  return plan_delivery(rules, x, tries, age, chance);
}

delivery_outcome status(int x) {
  return {x, {}, {}};
}

delivery_outcome no_answer(const char* why) {
  return {0, why, {}};
}

} // namespace

BOOST_AUTO_TEST_SUITE(delivery_plan_test)

BOOST_AUTO_TEST_CASE(what_was_taken_is_done) {
  for (auto code : {200, 202, 204, 299})
    BOOST_TEST((plan(status(code)).verdict == delivery_verdict::done));
}

BOOST_AUTO_TEST_CASE(what_may_be_better_later_is_tried_again) {
  for (auto code : {408, 425, 429, 500, 502, 503, 599})
    BOOST_TEST((plan(status(code)).verdict == delivery_verdict::again));
  for (auto why : {"ECONNREFUSED", "ETIMEDOUT", "ENOTFOUND"})
    BOOST_TEST((plan(no_answer(why)).verdict == delivery_verdict::again));
}

BOOST_AUTO_TEST_CASE(a_last_word_is_not_argued_with) {
  for (auto code : {301, 400, 401, 404, 410, 422})
    BOOST_TEST((plan(status(code)).verdict == delivery_verdict::dead));
  BOOST_TEST((plan(no_answer("ERR_EGRESS_REFUSED")).verdict == delivery_verdict::dead));
  BOOST_TEST(plan(status(404)).why == "status 404");
}

BOOST_AUTO_TEST_CASE(waits_double_up_to_a_limit_with_some_chance) {
  BOOST_TEST(plan(status(500), 0).wait.count() == 3000);
  BOOST_TEST(plan(status(500), 1).wait.count() == 6000);
  BOOST_TEST(plan(status(500), 2).wait.count() == 12000);
  BOOST_TEST(plan(status(500), 8).wait.count() == 600000);
  BOOST_TEST(plan(status(500), 0, 0ms, 1).wait.count() == 4500);
}

BOOST_AUTO_TEST_CASE(waits_as_long_as_the_receiver_asks) {
  BOOST_TEST(plan({429, {}, 90'000ms}).wait.count() == 90'000);
  BOOST_TEST(plan({503, {}, 1ms}, 5).wait.count() == 1);
}

BOOST_AUTO_TEST_CASE(gives_up_after_so_many_tries) {
  BOOST_TEST((plan(status(500), 8).verdict == delivery_verdict::again));
  auto last = plan(status(500), 9);
  BOOST_TEST((last.verdict == delivery_verdict::dead));
  BOOST_TEST(last.why == "status 500, given up after 10 tries");
}

BOOST_AUTO_TEST_CASE(gives_up_what_would_be_too_old) {
  BOOST_TEST((plan(status(500), 0, rules.age_max - 3000ms).verdict == delivery_verdict::again));
  BOOST_TEST((plan(status(500), 0, rules.age_max).verdict == delivery_verdict::dead));
}

BOOST_AUTO_TEST_CASE(only_what_is_out_of_order_is_a_breakdown) {
  BOOST_TEST(is_breakdown(status(500)));
  BOOST_TEST(is_breakdown(no_answer("ETIMEDOUT")));
  BOOST_TEST(!is_breakdown(status(200)));
  BOOST_TEST(!is_breakdown(status(404)));
  BOOST_TEST(!is_breakdown(status(429)));
}

BOOST_AUTO_TEST_SUITE_END()
