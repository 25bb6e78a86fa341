#include "tests/integration/api/api_fixture.hpp"

#include <boost/test/unit_test.hpp>

using namespace varia;
using namespace varia::test;

namespace {

struct fixture : ready_api {
  fixture() {
    auto hooked = flow("hooked", true);
    hooked["webhookSubscriptions"] = {"order.created"};
    deploy({hooked}, false);
    cluster.take_notes();
  }

  api_answer put(const std::string& type) {
    return ask("POST", "/varia/events", ids({{"type", type}, {"payload", {{"b", 1}, {"a", 2}}}}));
  }
};

} // namespace

BOOST_FIXTURE_TEST_SUITE(event_routes_test, fixture)

BOOST_AUTO_TEST_CASE(an_event_waits_for_the_base_variants_that_subscribe_to_it) {
  BOOST_TEST(put("order.created").line() == R"(202 {"syncs":["hooked"]})");
  BOOST_TEST(cluster.take_notes() == "wake 1/hooked::base\n");
  auto which = ref("hooked", "base");
  assignment wanted;
  wanted.key = {which.sync, "base"};
  wanted.id = which.id;
  wanted.owner = {1, make_nonce()};
  BOOST_REQUIRE(variants{db}.place(1, "w1", {wanted}));
  auto begun = runs{db}.begin(which, wanted.owner, {{}, {}, true});
  BOOST_REQUIRE(begun);
  BOOST_TEST(begun->event == R"({"b":1,"a":2})");
}

BOOST_AUTO_TEST_CASE(nobody_gets_an_event_that_nobody_wants) {
  BOOST_TEST(put("order.deleted").line() == R"(202 {"syncs":[]})");
  BOOST_TEST(cluster.take_notes() == "");
}

BOOST_AUTO_TEST_CASE(refuses_events_of_unknown_connections_and_without_payload) {
  BOOST_TEST(ask("POST", "/varia/events",
                 {{"provider_config_key", "orders"}, {"connection_id", "no"}, {"payload", 1}})
               .status
             == 404);
  BOOST_TEST(ask("POST", "/varia/events", ids()).status == 400);
}

BOOST_AUTO_TEST_CASE(refuses_an_event_when_too_many_wait) {
  for (auto i = 0; i < 1000; ++i)
    BOOST_REQUIRE(runs{db}.put_event(ref("hooked", "base"), "1"));
  BOOST_TEST(put("order.created").status == 429);
}

BOOST_AUTO_TEST_SUITE_END()
