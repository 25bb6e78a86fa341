#include "store/leases.hpp"
#include "tests/integration/api/api_fixture.hpp"

#include <boost/test/unit_test.hpp>

using namespace varia;
using namespace varia::test;

BOOST_FIXTURE_TEST_SUITE(cluster_routes_test, ready_api)

BOOST_AUTO_TEST_CASE(shows_the_cluster) {
  BOOST_TEST(ask("GET", "/varia/status").line()
             == R"(200 {"leader":"c1","epoch":1,"variants":0,"unplaced":0,"redis":"ok",)"
                R"("workers":[{"worker":"w1","address":"host:1","alive":true,"duty":"active",)"
                R"("labels":{"zone":"a"},"variants":3,"running":1,"queued":0,"slots":16,)"
                R"("busy_permille":0,"longest_wait_ms":0,"wait_p99_ms":0,"wait_max_ms":0}]})");
  BOOST_TEST(ask("GET", "/varia/workers").body()["workers"].size() == 1U);
  cluster.leads = false;
  BOOST_TEST(ask("GET", "/varia/status").status == 503);
}

BOOST_AUTO_TEST_CASE(lists_the_coordinators_that_live) {
  leases{db}.take_lead({"c1/17", "10.0.0.1:7103", 60000});
  leases{db}.take_lead({"c2/18", "10.0.0.2:7103", 60000});
  auto answer = ask("GET", "/varia/coordinators").body();
  BOOST_TEST(answer["epoch"] == 1);
  BOOST_REQUIRE_EQUAL(answer["coordinators"].size(), 2U);
  BOOST_TEST(answer["coordinators"][0]["coordinator"] == "c1/17");
  BOOST_TEST(answer["coordinators"][0]["leads"] == true);
  BOOST_TEST(answer["coordinators"][1]["address"] == "10.0.0.2:7103");
  BOOST_TEST(answer["coordinators"][1]["leads"] == false);
}

BOOST_AUTO_TEST_CASE(passes_orders_about_workers_on) {
  BOOST_TEST(ask("POST", "/varia/workers/cordon", {{"worker", "w1"}}).line()
             == R"(200 {"success":true})");
  BOOST_TEST(ask("POST", "/varia/workers/uncordon", {{"worker", "w1"}}).status == 200);
  BOOST_TEST(ask("POST", "/varia/workers/drain", {{"worker", "w1"}}).status == 200);
  BOOST_TEST(ask("POST", "/varia/workers/drain", {{"worker", "w1"}, {"deadline_s", 5}}).status
             == 200);
  BOOST_TEST(ask("POST", "/varia/coordinators/promote", {{"coordinator", "c2"}}).status == 200);
  BOOST_TEST(cluster.take_notes()
             == "cordon w1\nuncordon w1\ndrain within 30000 w1\ndrain within 5000 w1\n"
                "promote c2\n");
}

BOOST_AUTO_TEST_CASE(says_what_is_wrong_with_an_order) {
  BOOST_TEST(ask("POST", "/varia/workers/drain", {{"worker", "nobody"}}).line()
             == R"(404 {"error":{"code":"not_found","message":"there is no nobody"}})");
  BOOST_TEST(ask("POST", "/varia/workers/drain", {{"worker", "alone"}}).line()
             == R"(409 {"error":{"code":"conflict","message":"there is no other one"}})");
  BOOST_TEST(ask("POST", "/varia/workers/drain", {{"worker", ""}}).status == 400);
  BOOST_TEST(ask("POST", "/varia/workers/drain", {{"worker", "w1"}, {"deadline_s", -1}}).status
             == 400);
  BOOST_TEST(ask("POST", "/varia/workers/cordon", {{"name", "w1"}}).status == 400);
  BOOST_TEST(cluster.take_notes().empty());
}

BOOST_AUTO_TEST_CASE(moves_a_variant_that_is_there) {
  json wanted{{"provider_config_key", "orders"},
              {"connection_id", "c1"},
              {"name", "orders"},
              {"variant", "v1"},
              {"worker", "w2"}};
  BOOST_TEST(ask("POST", "/varia/variants/move", wanted).status == 200);
  BOOST_TEST(cluster.take_notes() == "move v1 to w2\n");
  wanted["connection_id"] = "c9";
  BOOST_TEST(ask("POST", "/varia/variants/move", wanted).line()
             == R"(404 {"error":{"code":"unknown_connection"}})");
}

BOOST_AUTO_TEST_CASE(shows_a_plan_before_it_is_followed) {
  BOOST_TEST(ask("GET", "/varia/rebalance").line()
             == R"(200 {"applied":false,"moves":[{"connection":14,"sync":"orders",)"
                R"("variant":"eu","from":"w1","to":"w2"}]})");
  BOOST_TEST(cluster.take_notes().empty());
  BOOST_TEST(ask("POST", "/varia/rebalance", json::object()).body()["applied"] == true);
  BOOST_TEST(cluster.take_notes() == "rebalance\n");
}

BOOST_AUTO_TEST_SUITE_END()
