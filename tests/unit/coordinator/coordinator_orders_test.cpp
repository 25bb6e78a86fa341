#include "tests/support/coordinator_fixture.hpp"

#include <boost/test/unit_test.hpp>

using namespace varia;
using namespace varia::test;

namespace {

struct fixture : coordinator_fixture {
  variant_order order(order_verb verb, const std::string& name) {
    variant_order result;
    result.verb = verb;
    result.name = name;
    if (verb == order_verb::create)
      result.id = "id-" + std::to_string(++ids);
    return result;
  }

  expected<batch_result> change(std::vector<variant_order> all) {
    return ask<batch_result>(coordinator, atom::change_v,
                             variant_batch{orders, std::move(all), false, {60'000, {}, 0}});
  }
};

std::string words_of(const expected<batch_result>& x) {
  if (!x)
    return describe(x.error());
  std::string result;
  for (auto& one : x->results)
    result += to_string(one.outcome) + std::string{" "};
  return result;
}

} // namespace

BOOST_FIXTURE_TEST_SUITE(coordinator_orders_test, fixture)

BOOST_AUTO_TEST_CASE(places_what_a_batch_creates) {
  join("w1", w1);
  auto plain = order(order_verb::create, "eu");
  auto fast = order(order_verb::create, "us");
  fast.sets_frequency = true;
  fast.frequency = "30s";
  BOOST_TEST(words_of(change({plain, fast})) == "created created ");
  BOOST_TEST_REQUIRE(w1->hosted.size() == 2u);
  BOOST_TEST(w1->hosted[plain.id].due.period_ms == 60'000u);
  BOOST_TEST(w1->hosted[fast.id].due.period_ms == 30'000u);
}

BOOST_AUTO_TEST_CASE(tells_the_worker_what_a_batch_changes) {
  join("w1", w1);
  auto id = create("eu")->id;
  auto wish = order(order_verb::change, "eu");
  wish.pause = 1;
  wish.resets = true;
  BOOST_TEST(words_of(change({wish})) == "changed ");
  BOOST_TEST(w1->hosted[id].paused);
  BOOST_TEST(w1->cancelled.size() == 1u);
  BOOST_TEST(w1->woken == std::vector<std::string>{id}, boost::test_tools::per_element());
  BOOST_TEST(w1->restarted);
}

BOOST_AUTO_TEST_CASE(has_the_worker_drop_what_a_batch_removes) {
  join("w1", w1);
  create("eu");
  create("us");
  BOOST_TEST(words_of(change({order(order_verb::remove, "eu"), order(order_verb::remove, "asia")}))
             == "deleted not_found ");
  BOOST_TEST(w1->hosted.size() == 1u);
}

BOOST_AUTO_TEST_CASE(a_batch_does_nothing_twice) {
  join("w1", w1);
  auto wish = order(order_verb::create, "eu");
  change({wish});
  BOOST_TEST(words_of(change({wish})) == "created ");
  BOOST_TEST(w1->hosted.size() == 1u);
  BOOST_TEST(ask<cluster_status>(coordinator, atom::status_v)->variants == 1u);
}

BOOST_AUTO_TEST_CASE(a_leader_that_is_none_any_more_carries_out_no_orders) {
  db->epoch = 2;
  auto refused = change({order(order_verb::create, "eu")});
  BOOST_TEST((code_of(refused.error()) == errc::fenced));
  BOOST_TEST(db->rows.empty());
}

BOOST_AUTO_TEST_CASE(sets_limits_while_it_leads) {
  limit_change what{{"dev", 14, "orders"}, false, 7};
  BOOST_TEST(!!ask<atom::ok>(coordinator, atom::limit_v, what));
  ask<atom::ok>(coordinator, atom::promote_v, std::string{"c2"});
  BOOST_TEST((code_of(ask<atom::ok>(coordinator, atom::limit_v, what).error()) == errc::fenced));
}

BOOST_AUTO_TEST_SUITE_END()
