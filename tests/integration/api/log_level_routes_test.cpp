#include "store/leases.hpp"
#include "store/log_levels.hpp"
#include "tests/integration/api/api_fixture.hpp"

#include <boost/test/unit_test.hpp>

using namespace varia;
using namespace varia::test;

namespace {

struct fixture : ready_api {
  fixture() {
    leases all{db};
    all.take_lead({"c1/17", "10.0.0.1:7103", 60000});
    all.renew_worker("w1", "boot", "host:1", milliseconds{60000});
  }

  json levels() { return ask("GET", "/varia/log-level").body(); }
};

} // namespace

BOOST_FIXTURE_TEST_SUITE(log_level_routes_test, fixture)

BOOST_AUTO_TEST_CASE(names_every_process_and_what_is_wanted_of_it) {
  BOOST_TEST(levels().dump()
             == R"({"all":null,"processes":[{"process":"c1/17","kind":"coordinator",)"
                R"("wanted":null},{"process":"w1","kind":"worker","wanted":null}]})");
  BOOST_TEST(ask("PUT", "/varia/log-level", {{"level", "debug"}, {"process", "w1"}}).status == 200);
  BOOST_TEST(ask("PUT", "/varia/log-level", {{"level", "warn"}, {"for_s", 600}}).status == 200);
  auto now = levels();
  BOOST_TEST(now["processes"][1]["wanted"].dump() == R"({"level":"debug","left_s":null})");
  BOOST_TEST(now["all"]["level"] == "warn");
  BOOST_TEST(now["all"]["left_s"].get<int>() <= 600);
  BOOST_TEST(now["all"]["left_s"].get<int>() > 0);
  BOOST_TEST(**log_levels{db}.level_of("w1") == "debug");
  BOOST_TEST(**log_levels{db}.level_of("w2") == "warn");
}

BOOST_AUTO_TEST_CASE(takes_a_level_back) {
  ask("PUT", "/varia/log-level", {{"level", "debug"}, {"process", "w1"}});
  ask("PUT", "/varia/log-level", {{"level", "debug"}});
  BOOST_TEST(ask("DELETE", "/varia/log-level?process=w1").status == 200);
  BOOST_TEST(ask("DELETE", "/varia/log-level").status == 200);
  BOOST_TEST(levels()["all"].is_null());
  BOOST_TEST(!*log_levels{db}.level_of("w1"));
}

BOOST_AUTO_TEST_CASE(refuses_what_makes_no_sense_and_changes_nothing) {
  BOOST_TEST(ask("PUT", "/varia/log-level", {{"level", "loud"}}).status == 400);
  BOOST_TEST(ask("PUT", "/varia/log-level", {{"level", "info"}, {"for_s", 0}}).status == 400);
  BOOST_TEST(ask("PUT", "/varia/log-level", {{"level", "info"}, {"process", "w9"}}).line()
             == R"(404 {"error":{"code":"not_found","message":"There is no process named w9"}})");
  BOOST_TEST(levels()["all"].is_null());
}

BOOST_AUTO_TEST_SUITE_END()
